import { TaborError, type Cancel, type CircuitInfo, type Clock, type Duplex } from "@tabor/onion-core";
import type { OnionDuplex } from "../api.ts";

/** Openers give up by themselves, after 120 s (SPEC §10.2); this is for those that do not. */
const OPEN_DEADLINE_MS = 150_000;

/** Opens a stream and sends `early` along with what opens it. */
export type OpenWith = (early: Uint8Array | undefined, signal: AbortSignal) => Promise<OnionDuplex>;

/**
 * A stream that opens with the first bytes that are written to it, which saves a round trip through the whole circuit: a
 * ClientHello, or a request that may safely arrive twice, since opening is tried on more than one circuit (SPEC §7.1).
 */
export class OptimisticStream implements Duplex {
  readonly #open: OpenWith;
  readonly #clock: Clock;
  #cancelDeadline: Cancel = () => undefined;
  readonly #abort = new AbortController();
  #opening: Promise<OnionDuplex> | undefined;
  #stream: OnionDuplex | undefined;
  #failure: TaborError | undefined;
  #begun: () => void = () => undefined;
  readonly #beginning = new Promise<void>((resolve) => (this.#begun = resolve));
  #break: (error: TaborError) => void = () => undefined;
  readonly #broken = new Promise<never>((_, reject) => (this.#break = reject));

  constructor(open: OpenWith, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
    this.#broken.catch(() => undefined);
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
    this.#cancelDeadline();
    this.#abort.abort(error);
    this.#stream?.abort(error);
    this.#break(error);
    this.#begun();
  }

  /** Does not wait for an opener that goes on after it was told to stop. */
  #openedWith(early: Uint8Array | undefined): Promise<OnionDuplex> {
    if (this.#failure !== undefined) return this.#broken;
    this.#opening ??= this.#begin(early);
    this.#begun();
    return Promise.race([this.#opening, this.#broken]);
  }

  async #begin(early: Uint8Array | undefined): Promise<OnionDuplex> {
    this.#cancelDeadline = this.#clock.after(OPEN_DEADLINE_MS, () => {
      this.abort(new TaborError("timeout", "relay", "no stream to the site opened in time"));
    });
    try {
      const stream = await this.#open(early, this.#abort.signal);
      this.#stream = stream;
      // It may have been aborted while it opened.
      if (this.#failure !== undefined) stream.abort(this.#failure);
      return stream;
    } finally {
      this.#cancelDeadline();
    }
  }
}
