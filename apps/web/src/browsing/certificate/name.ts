import { derChildren, DerReader, oidText, TAG, type DerElement } from "./der.ts";

/** One part of a distinguished name: "O" and "Example Ltd". */
export interface NamePart {
  readonly label: string;
  readonly value: string;
}

/** RFC 4519 §2, as people read them; others are shown by number. */
const LABELS: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
};

/** A distinguished name (RFC 5280 §4.1.2.4), in its order. @throws malformed. */
export function readName(element: DerElement): NamePart[] {
  return derChildren(element).flatMap((relative) =>
    derChildren(relative).map((pair) => {
      const reader = new DerReader(pair);
      const type = oidText(reader.take(TAG.oid));
      return { label: LABELS[type] ?? type, value: text(reader.any()) };
    }),
  );
}

/** What a person calls the owner of a name: the common name, else the organization, else all of it. */
export function nameText(parts: readonly NamePart[]): string {
  const named = (label: string): string | undefined => parts.find((part) => part.label === label)?.value;
  return named("CN") ?? named("O") ?? parts.map(({ label, value }) => `${label}=${value}`).join(", ");
}

const BMP_STRING = 0x1e;
const UNIVERSAL_STRING = 0x1c;
const UTF8_STRING = 0x0c;

/** A DirectoryString or one of the older kinds. What turns the direction of writing or ends a line is taken out: it could forge a label. */
function text({ tag, content }: DerElement): string {
  return decoded(tag, content).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "");
}

function decoded(tag: number, content: Uint8Array): string {
  switch (tag) {
    case UTF8_STRING:
      return new TextDecoder().decode(content);
    case BMP_STRING:
      return codePoints(content, 2);
    case UNIVERSAL_STRING:
      return codePoints(content, 4);
    default:
      // PrintableString, IA5String and TeletexString, the last read as Latin-1 like everybody does.
      return String.fromCharCode(...content.subarray(0, 1024));
  }
}

function codePoints(content: Uint8Array, width: number): string {
  let result = "";
  for (let at = 0; at + width <= content.length; at += width) {
    const point = content.subarray(at, at + width).reduce((sum, byte) => sum * 256 + byte, 0);
    result += point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point);
  }
  return result;
}
