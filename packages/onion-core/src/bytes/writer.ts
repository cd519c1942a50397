import { TaborError } from "../errors.ts";

/** Builds a byte structure front to back; the counterpart of `Reader`. Grows as needed. */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): this {
    const at = this.#room(1, value, 0xff);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#room(2, value, 0xffff);
    this.#view.setUint16(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4, value, 0xffffffff);
    this.#view.setUint32(at, value);
    return this;
  }

  u64(value: number): this {
    const at = this.#room(8, value, Number.MAX_SAFE_INTEGER);
    this.#view.setBigUint64(at, BigInt(value));
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#room(value.length, 0, 0);
    this.#bytes.set(value, at);
    return this;
  }

  bytes8(value: Uint8Array): this {
    return this.u8(value.length).bytes(value);
  }

  bytes16(value: Uint8Array): this {
    return this.u16(value.length).bytes(value);
  }

  ascii(text: string): this {
    const start = this.#room(text.length, 0, 0);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e) throw new TaborError("usage", "here", "text is not ASCII");
      this.#bytes[start + i] = code;
    }
    return this;
  }

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** What was written, followed by zeros up to `length` bytes. */
  padTo(length: number): Uint8Array<ArrayBuffer> {
    if (this.#length > length) throw new TaborError("usage", "here", "structure is longer than its field");
    const padded = new Uint8Array(length);
    padded.set(this.#bytes.subarray(0, this.#length));
    return padded;
  }

  /** Makes room first: growing replaces the buffer that is written to. */
  #room(length: number, value: number, max: number): number {
    if (!Number.isInteger(value) || value < 0 || value > max) {
      throw new TaborError("usage", "here", "number does not fit its field");
    }
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) this.#grow();
    return start;
  }

  #grow(): void {
    const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
