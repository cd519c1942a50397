import type { Duplex, TaborError } from "@tabor/onion-core";

/** A stream that counts what passes, and can be made slow. */
export class WatchedDuplex implements Duplex {
  /** Bytes that were read from it. */
  taken = 0;
  /** Bytes that were handed to it. */
  written = 0;
  ended = false;
  aborted: TaborError | undefined;
  readonly #stream: Duplex;
  readonly #pieces: number;
  #rest: Uint8Array = new Uint8Array();
  #blocked: Promise<void> = Promise.resolve();

  /** @param pieces the most bytes that one read returns. */
  constructor(stream: Duplex, pieces = Infinity) {
    this.#stream = stream;
    this.#pieces = pieces;
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#rest.length === 0) {
      const bytes = await this.#stream.read();
      if (bytes === null) return null;
      this.#rest = bytes;
    }
    const piece = this.#rest.subarray(0, this.#pieces);
    this.#rest = this.#rest.subarray(piece.length);
    this.taken += piece.length;
    return piece;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.written += bytes.length;
    await this.#blocked;
    return this.#stream.write(bytes);
  }

  end(): void {
    this.ended = true;
    this.#stream.end();
  }

  abort(error: TaborError): void {
    this.aborted ??= error;
    this.#stream.abort(error);
  }

  /** Writes wait until what this returns is called. */
  block(): () => void {
    let unblock = (): void => undefined;
    this.#blocked = new Promise((resolve) => {
      unblock = resolve;
    });
    return () => {
      unblock();
    };
  }
}
