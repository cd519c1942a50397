import { concat, TaborError, type Random } from "@tabor/onion-core";

/** RFC 6455 §5.2 */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly isLast: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** A frame of a client's: masked, with a fresh key (§5.3: a server's caches must not be fed what a page chose). */
export function encodeFrame({ isLast, opcode, payload }: Frame, random: Random): Uint8Array {
  const key = new Uint8Array(4);
  random.fill(key);
  const head = [(isLast ? 0x80 : 0) | opcode, ...lengthBytes(payload.length), ...key];
  const frame = new Uint8Array(head.length + payload.length);
  frame.set(head);
  for (let index = 0; index < payload.length; index++)
    frame[head.length + index] = (payload[index] ?? 0) ^ (key[index & 3] ?? 0);
  return frame;
}

function lengthBytes(length: number): number[] {
  if (length < 126) return [0x80 | length];
  if (length < 65_536) return [0x80 | 126, length >> 8, length & 0xff];
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length));
  return [0x80 | 127, ...bytes];
}

/** Cuts a server's bytes into frames. */
export class FrameReader {
  readonly #limit: number;
  #bytes: Uint8Array = new Uint8Array(0);
  readonly #pieces: Uint8Array[] = [];
  #held = 0;

  /** @param limit of one frame's payload. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  push(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#held += bytes.length;
  }

  /** The next frame, if it has come whole. @throws protocol, resource-limit. */
  next(): Frame | undefined {
    const head = this.#head();
    if (head === undefined || this.#held < head.size + head.length) return undefined;
    this.#gather(head.size + head.length);
    const payload = this.#bytes.slice(head.size, head.size + head.length);
    this.#bytes = this.#bytes.subarray(head.size + head.length);
    this.#held -= head.size + head.length;
    return { isLast: head.isLast, opcode: head.opcode, payload };
  }

  #head(): { size: number; length: number; isLast: boolean; opcode: number } | undefined {
    if (this.#held < 2) return undefined;
    this.#gather(Math.min(10, this.#held));
    const [first = 0, second = 0] = this.#bytes;
    checkKind(first, second);
    const opcode = first & 0x0f;
    const isLast = (first & 0x80) !== 0;
    const short = second & 0x7f;
    const size = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (this.#held < size) return undefined;
    const length = this.#length(short);
    if (length > this.#limit) throw new TaborError("resource-limit", "site", "a message that is too long");
    return { size, length, isLast, opcode };
  }

  /** In the fewest bytes (§5.2). */
  #length(short: number): number {
    if (short < 126) return short;
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
    const length = short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
    if (length < (short === 126 ? 126 : 65_536)) throw broken("a length in too many bytes");
    return length;
  }

  #gather(length: number): void {
    if (this.#bytes.length >= length) return;
    this.#bytes = concat(this.#bytes, ...this.#pieces.splice(0));
  }
}

/** No extension was agreed on, servers do not mask, and control frames are short and whole (§5.2, §5.5). */
function checkKind(first: number, second: number): void {
  const opcode = first & 0x0f;
  const isKnown = opcode <= OPCODE.binary || (opcode >= OPCODE.close && opcode <= OPCODE.pong);
  if ((first & 0x70) !== 0 || (second & 0x80) !== 0 || !isKnown) throw broken("a frame of no known kind");
  const isWhole = (first & 0x80) !== 0 && (second & 0x7f) <= 125;
  if (opcode >= OPCODE.close && !isWhole) throw broken("a control frame that is too long");
}

function broken(what: string): TaborError {
  return new TaborError("protocol", "site", what);
}
