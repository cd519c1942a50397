import { TaborError } from "@tabor/onion-core";

/** One element of DER (X.690 §8, §10): its tag, and what it holds. */
export interface DerElement {
  /** Class, form and number in one byte: 0x30 is a SEQUENCE, 0xa3 is [3]. */
  readonly tag: number;
  readonly content: Uint8Array;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** What is in a SEQUENCE or SET, in order. @throws malformed. */
export function derChildren({ content }: DerElement): DerElement[] {
  const children: DerElement[] = [];
  for (let at = 0; at < content.length;) {
    const [element, end] = elementAt(content, at);
    children.push(element);
    at = end;
  }
  return children;
}

/** The only element of some bytes. @throws malformed, also for bytes after it. */
export function derElement(bytes: Uint8Array): DerElement {
  const [element, end] = elementAt(bytes, 0);
  if (end !== bytes.length) throw malformed();
  return element;
}

/** Walks over elements in their order. */
export class DerReader {
  readonly #elements: readonly DerElement[];
  #next = 0;

  /** @throws malformed if `sequence` is none. */
  constructor(sequence: DerElement) {
    if (sequence.tag !== TAG.sequence) throw malformed();
    this.#elements = derChildren(sequence);
  }

  /** @throws malformed if the next element has another tag. */
  take(tag: number): DerElement {
    const element = this.optional(tag);
    if (element === undefined) throw malformed();
    return element;
  }

  any(): DerElement {
    const element = this.#elements[this.#next++];
    if (element === undefined) throw malformed();
    return element;
  }

  optional(tag: number): DerElement | undefined {
    const element = this.#elements[this.#next];
    if (element?.tag !== tag) return undefined;
    this.#next++;
    return element;
  }
}

/** Dotted numbers (X.690 §8.19). @throws malformed. */
export function oidText({ tag, content }: DerElement): string {
  if (tag !== TAG.oid) throw malformed();
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(value)) throw malformed();
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  const [first, ...others] = numbers;
  if (first === undefined || (content.at(-1) ?? 0) >= 0x80) throw malformed();
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...others].join(".");
}

export function malformed(): TaborError {
  return new TaborError("malformed", "site", "a certificate that cannot be read");
}

function elementAt(bytes: Uint8Array, at: number): readonly [element: DerElement, end: number] {
  const tag = bytes[at];
  // Tags of several bytes do not occur in certificates.
  if (tag === undefined || (tag & 0x1f) === 0x1f) throw malformed();
  const [length, start] = lengthAt(bytes, at + 1);
  const end = start + length;
  if (end > bytes.length) throw malformed();
  return [{ tag, content: bytes.subarray(start, end) }, end];
}

/** Definite and as short as can be (X.690 §10.1); at most four bytes of it. */
function lengthAt(bytes: Uint8Array, at: number): readonly [length: number, start: number] {
  const first = bytes[at];
  if (first === undefined) throw malformed();
  if (first < 0x80) return [first, at + 1];
  const count = first & 0x7f;
  const digits = bytes.subarray(at + 1, at + 1 + count);
  if (count === 0 || count > 4 || digits.length < count || digits[0] === 0) throw malformed();
  const length = digits.reduce((sum, byte) => sum * 256 + byte, 0);
  if (length < 0x80) throw malformed();
  return [length, at + 1 + count];
}
