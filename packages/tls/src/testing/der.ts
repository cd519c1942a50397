/** Just enough DER (X.690) to write extensions that the certificate library has no class for. */

export const SEQUENCE = 0x30;

/** One element; its content is shorter than 128 bytes. */
export function der(tag: number, ...content: readonly (number | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const bytes = content.flatMap((part) => (typeof part === "number" ? [part] : [...part]));
  if (bytes.length > 127) throw new RangeError("short forms only");
  return Uint8Array.of(tag, bytes.length, ...bytes);
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
