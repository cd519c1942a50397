/** At most this many bytes become one string at a time; a multiple of 3, so that the parts join without padding. */
const STEP = 3 * 4096;

/** RFC 2397, base64. */
export function dataUrl(type: string, bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += STEP) {
    parts.push(btoa(String.fromCharCode(...bytes.subarray(offset, offset + STEP))));
  }
  return `data:${type};base64,${parts.join("")}`;
}
