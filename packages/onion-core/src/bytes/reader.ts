import { TaborError } from "../errors.ts";

/**
 * Strict reading of bytes from outside (SPEC §1.3): each read checks what is left, and `finish` refuses what is
 * left over. Values returned by `bytes` are views of the input: copy what outlives it.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  #offset = 0;

  /** @param what names the structure in error messages, for example "EXTEND2". */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** A u64 that fits a double exactly; anything above 2^53−1 is malformed. */
  u64(): number {
    const value = this.#view.getBigUint64(this.#take(8));
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.malformed("number too large");
    return Number(value);
  }

  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Length-prefixed bytes: u8 length, then that many bytes. */
  bytes8(): Uint8Array {
    return this.bytes(this.u8());
  }

  /** Length-prefixed bytes: u16 length, then that many bytes. */
  bytes16(): Uint8Array {
    return this.bytes(this.u16());
  }

  /** Everything that is left. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /** ASCII text (bytes 0x20–0x7e) of `length` bytes. */
  ascii(length: number): string {
    const bytes = this.bytes(length);
    if (!bytes.every((byte) => byte >= 0x20 && byte <= 0x7e)) throw this.malformed("text is not ASCII");
    return String.fromCharCode(...bytes);
  }

  /** The bytes that are left must all be zero: the padding of a fixed-size structure. */
  zeros(): void {
    for (let i = this.#offset; i < this.#bytes.length; i++) {
      if (this.#bytes[i] !== 0) throw this.malformed("padding is not zero");
    }
    this.#offset = this.#bytes.length;
  }

  /** Nothing may be left. */
  finish(): void {
    if (this.remaining !== 0) throw this.malformed(`${String(this.remaining)} bytes left over`);
  }

  malformed(why: string): TaborError {
    return new TaborError("malformed", "link", `${this.#what}: ${why}`);
  }

  #take(length: number): number {
    if (length > this.remaining) throw this.malformed("truncated");
    const start = this.#offset;
    this.#offset += length;
    return start;
  }
}
