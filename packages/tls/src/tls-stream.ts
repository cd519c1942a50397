import { TaborError, toTaborError } from "@tabor/onion-core";
import type { TlsInfo, TlsStream } from "@tabor/browsing/api";
import { tlsFailure } from "./failure.ts";
import type { Transport } from "./transport.ts";

/** A TLS connection whose handshake is over, as a byte stream. */
export class RustlsStream implements TlsStream {
  readonly info: TlsInfo;
  readonly #transport: Transport;
  #broken: TaborError | undefined;
  #inboundEnded = false;
  #outboundEnded = false;
  #ending = false;
  /** Settles when what was written has been handed over. */
  #written = Promise.resolve();

  constructor(transport: Transport) {
    this.#transport = transport;
    this.info = transport.connection.info();
  }

  async read(): Promise<Uint8Array | null> {
    try {
      return await this.#read();
    } catch (thrown) {
      throw this.#break(thrown);
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#ending) return Promise.reject(new TaborError("usage", "here", "write after end"));
    return this.#inTurn(() => this.#write(bytes));
  }

  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#inTurn(() => this.#end()).catch(() => undefined);
  }

  abort(error: TaborError): void {
    // Broken already: what is left to do is under way, and an alert must not be cut off.
    if (this.#broken !== undefined) return;
    this.#broken = error;
    this.#transport.abort(error);
  }

  async #read(): Promise<Uint8Array | null> {
    const { connection } = this.#transport;
    for (;;) {
      this.#check();
      if (this.#inboundEnded) return null;
      const plaintext = connection.read();
      if (plaintext.length > 0) return plaintext;
      if (connection.failed) throw this.#dismiss();
      if (connection.peerClosed) return this.#endInbound();
      if (!(await this.#transport.pull())) throw truncated();
      this.#answer();
    }
  }

  /** What TLS itself has to answer, such as a KeyUpdate, must not wait for the next write, nor reading for it. */
  #answer(): void {
    const { connection } = this.#transport;
    if (connection.freed || connection.failed || !connection.wantsWrite) return;
    this.#transport.flush().catch((thrown: unknown) => this.#break(thrown));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      this.#check();
      rest = rest.subarray(this.#transport.connection.write(rest));
      await this.#transport.flush();
    }
    this.#check();
  }

  async #end(): Promise<void> {
    this.#check();
    this.#transport.connection.close();
    await this.#transport.flush();
    this.#transport.end();
    this.#outboundEnded = true;
    this.#finishIfOver();
  }

  #endInbound(): null {
    this.#inboundEnded = true;
    this.#finishIfOver();
    return null;
  }

  #finishIfOver(): void {
    if (this.#inboundEnded && this.#outboundEnded) void this.#transport.finish();
  }

  /** TLS refused what came: the other side is told. */
  #dismiss(): TaborError {
    this.#broken = tlsFailure(this.#transport.connection.reason());
    void this.#transport.dismiss(this.#broken);
    return this.#broken;
  }

  async #inTurn(action: () => Promise<void>): Promise<void> {
    const done = this.#written.then(action);
    this.#written = done.catch(() => undefined);
    try {
      await done;
    } catch (thrown) {
      throw this.#break(thrown);
    }
  }

  #break(thrown: unknown): TaborError {
    const error = toTaborError(thrown, "here", "TLS");
    this.abort(error);
    return this.#broken ?? error;
  }

  #check(): void {
    if (this.#broken !== undefined) throw this.#broken;
  }
}

/** The attack of RFC 8446 §6.1: whoever is in between can end the stream below, but not say so in TLS. */
function truncated(): TaborError {
  return new TaborError(
    "closed",
    "site",
    "the connection ended before the site said so: something may be missing",
  );
}
