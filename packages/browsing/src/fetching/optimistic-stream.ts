import type { CircuitInfo, Duplex, TaborError } from "@tabor/onion-core";
import type { OnionDuplex } from "../api.ts";

/** Opens a stream and sends `early` along with what opens it. */
export type OpenWith = (early: Uint8Array | undefined, signal: AbortSignal) => Promise<OnionDuplex>;

/**
 * A stream that opens with the first bytes that are written to it, which saves a round trip through the whole circuit: a
 * ClientHello, or a request that may safely arrive twice, since opening is tried on more than one circuit (SPEC §7.1).
 */
export class OptimisticStream implements Duplex {
  readonly #open: OpenWith;
  readonly #abort = new AbortController();
  #opening: Promise<OnionDuplex> | undefined;
  #stream: OnionDuplex | undefined;
  #failure: TaborError | undefined;
  #begun: () => void = () => undefined;
  readonly #beginning = new Promise<void>((resolve) => (this.#begun = resolve));

  constructor(open: OpenWith) {
    this.#open = open;
  }

  /** Where it runs; undefined until it is open. */
  get circuit(): CircuitInfo | undefined {
    return this.#stream?.circuit;
  }

  /** Opens without early bytes, unless it is open or opening. */
  async open(): Promise<void> {
    await this.#openedWith(undefined);
  }

  async read(): Promise<Uint8Array | null> {
    await this.#beginning;
    const stream = await this.#openedWith(undefined);
    return stream.read();
  }

  async write(bytes: Uint8Array): Promise<void> {
    const isFirst = this.#opening === undefined;
    const stream = await this.#openedWith(bytes);
    if (!isFirst) await stream.write(bytes);
  }

  end(): void {
    this.#stream?.end();
  }

  abort(error: TaborError): void {
    this.#failure ??= error;
    this.#abort.abort(error);
    this.#stream?.abort(error);
    this.#begun();
  }

  async #openedWith(early: Uint8Array | undefined): Promise<OnionDuplex> {
    this.#requireWhole();
    this.#opening ??= this.#open(early, this.#abort.signal);
    this.#begun();
    try {
      this.#stream = await this.#opening;
    } catch (thrown) {
      this.#requireWhole();
      throw thrown;
    }
    // It may have been aborted while it opened.
    if (this.#failure !== undefined) this.#stream.abort(this.#failure);
    this.#requireWhole();
    return this.#stream;
  }

  #requireWhole(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
