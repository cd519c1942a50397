import { MAX_STREAM_DATA } from "../cell/relay-message.ts";
import type { TaborError } from "../errors.ts";

/** Cells in one read. All at once would look like a reader who is done with them. */
const MAX_TAKEN = 32;
const MAX_BLOCK_LENGTH = MAX_TAKEN * MAX_STREAM_DATA;

/** What one read gets: the data of several cells, one after another. */
interface Block {
  readonly bytes: Uint8Array<ArrayBuffer>;
  filled: number;
  cells: number;
}

/**
 * What has come on a stream and waits for its reader. Its owner bounds it (SPEC §12.3).
 *
 * Blocks are as long as the last read was, at least a cell's data, and twice as long each time that the reader is behind: bulk data is
 * copied once, into few buffers.
 */
export class Inbox {
  #blocks: Block[] = [];
  #blockLength = MAX_STREAM_DATA;
  #bytes = 0;
  #queued = 0;
  #end: { readonly error: TaborError | null } | undefined;
  #wake: (() => void) | undefined;

  /** Bytes of memory that are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that wait for the reader. */
  get queued(): number {
    return this.#queued;
  }

  /** Takes a copy. */
  add(data: Uint8Array): void {
    const block = this.#blockFor(data.length);
    block.bytes.set(data, block.filled);
    block.filled += data.length;
    block.cells += 1;
    this.#queued += data.length;
    this.#wake?.();
  }

  /** Nothing more will come. @param error null for an orderly end; the reader gets it after what waits. */
  finish(error: TaborError | null): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** Drops what waits; the reader gets the error at once. */
  fail(error: TaborError): void {
    this.#blocks = [];
    this.#bytes = 0;
    this.#queued = 0;
    this.#end = { error };
    this.#wake?.();
  }

  /** Some of what waits, at least one byte, in a buffer of its own; null at the end. */
  async take(): Promise<Uint8Array | null> {
    for (;;) {
      const block = this.#blocks.shift();
      if (block !== undefined) return this.#taken(block);
      if (this.#end !== undefined) {
        if (this.#end.error !== null) throw this.#end.error;
        return null;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }

  #blockFor(length: number): Block {
    const last = this.#blocks.at(-1);
    if (last !== undefined) {
      if (last.cells < MAX_TAKEN && last.filled + length <= last.bytes.length) return last;
      this.#blockLength = Math.min(2 * last.bytes.length, MAX_BLOCK_LENGTH);
    }
    const block = { bytes: new Uint8Array(this.#blockLength), filled: 0, cells: 0 };
    this.#blocks.push(block);
    this.#bytes += block.bytes.length;
    return block;
  }

  #taken({ bytes, filled }: Block): Uint8Array {
    if (this.#blocks.length === 0) this.#blockLength = Math.max(filled, MAX_STREAM_DATA);
    this.#bytes -= bytes.length;
    this.#queued -= filled;
    return filled === bytes.length ? bytes : bytes.slice(0, filled);
  }
}
