import { TaborError } from "../errors.ts";
import type { Duplex } from "../stream/duplex.ts";

/** Bytes that one direction holds before its writer waits. */
const BUFFER_BYTES = 65_536;

/** Two ends of a byte stream in one memory, with back-pressure. */
export function memoryDuplex(): [Duplex, Duplex] {
  const there = new Pipe();
  const back = new Pipe();
  return [new MemoryDuplex(back, there), new MemoryDuplex(there, back)];
}

/** One direction. */
class Pipe {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;
  #error: TaborError | undefined;
  #changed: (() => void)[] = [];

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      this.#check();
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#bytes -= chunk.length;
        this.#wake();
        return chunk;
      }
      if (this.#ended) return null;
      await this.#change();
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    if (this.#ended) throw new TaborError("usage", "here", "write after end");
    this.#chunks.push(bytes.slice());
    this.#bytes += bytes.length;
    this.#wake();
    while (this.#bytes > BUFFER_BYTES) {
      await this.#change();
      this.#check();
    }
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  fail(error: TaborError): void {
    this.#error ??= error;
    this.#wake();
  }

  #check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}

class MemoryDuplex implements Duplex {
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;

  constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  read(): Promise<Uint8Array | null> {
    return this.#incoming.read();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#outgoing.write(bytes);
  }

  end(): void {
    this.#outgoing.end();
  }

  abort(error: TaborError): void {
    this.#incoming.fail(error);
    this.#outgoing.fail(new TaborError("reset", "site", "the other end broke off", { cause: error }));
  }
}
