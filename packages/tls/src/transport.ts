import { TaborError, type Clock, type Duplex } from "@tabor/onion-core";
import type { RustlsConnection } from "./wasm/connection.ts";

/** How long the other side may take to close after all has been said. */
const LINGER_MS = 10_000;

/**
 * Carries ciphertext between a TLS connection and the stream below. It reads only when asked to, and holds at most
 * what one read returned.
 */
export class Transport {
  readonly connection: RustlsConnection;
  readonly #stream: Duplex;
  readonly #clock: Clock;
  #unfed: Uint8Array = new Uint8Array();
  #aborted: TaborError | undefined;
  #flushed = Promise.resolve();

  constructor(connection: RustlsConnection, stream: Duplex, clock: Clock) {
    this.connection = connection;
    this.#stream = stream;
    this.#clock = clock;
  }

  /**
   * Feeds what comes next, once the plaintext of what came before has been read. One at a time.
   * Returns false at the end of the stream. @throws what the stream throws.
   */
  async pull(): Promise<boolean> {
    if (this.#unfed.length === 0) {
      const bytes = await this.#stream.read();
      this.#check();
      if (bytes === null) return false;
      this.#unfed = bytes;
    }
    const taken = this.connection.feed(this.#unfed);
    if (taken === 0) throw new TaborError("protocol", "site", "TLS takes no more of what the site sends");
    this.#unfed = this.#unfed.subarray(taken);
    return true;
  }

  /** Sends what the connection has to say, in turn. @throws what the stream throws. */
  flush(): Promise<void> {
    const flushed = this.#flushed.then(() => this.#send());
    this.#flushed = flushed.catch(() => undefined);
    return flushed;
  }

  /** Ends our direction below. */
  end(): void {
    this.#stream.end();
  }

  /** Drops everything at once; what is under way throws `error`. */
  abort(error: TaborError): void {
    this.#aborted ??= error;
    this.connection.free();
    this.#stream.abort(error);
  }

  /** Says the last that there is to say, an alert, so that the other side learns why; then drops the rest. Never throws. */
  async dismiss(error: TaborError): Promise<void> {
    await this.#bounded(error, async () => {
      await this.flush();
      this.connection.free();
      this.#stream.end();
      await this.#discard();
    });
    this.abort(error);
  }

  /** After both directions have ended: waits for the end of the stream below. Never throws. */
  async finish(): Promise<void> {
    this.connection.free();
    await this.#bounded(new TaborError("closed", "here", "the TLS connection is over"), () =>
      this.#discard(),
    );
  }

  async #send(): Promise<void> {
    this.#check();
    while (!this.connection.freed && this.connection.wantsWrite) {
      await this.#stream.write(this.connection.take());
      this.#check();
    }
  }

  #check(): void {
    if (this.#aborted !== undefined) throw this.#aborted;
  }

  async #discard(): Promise<void> {
    while ((await this.#stream.read()) !== null);
  }

  async #bounded(error: TaborError, action: () => Promise<void>): Promise<void> {
    const cancel = this.#clock.after(LINGER_MS, () => {
      this.abort(error);
    });
    // If the stream breaks, nobody is left to tell.
    await action().catch(() => undefined);
    cancel();
  }
}
