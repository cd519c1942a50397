import { type Clock, type DataChannel, TaborError } from "@tabor/onion-core";
import { memoryDataChannel } from "@tabor/onion-core/testing";
import type { Connector } from "../signalling/broker.ts";

/** Data channels in memory, made of descriptions as the real ones are: an offer names itself, an answer its offer. */
export class MemoryConnector implements Connector {
  readonly #clock: Clock;
  readonly #offers = new Map<string, DataChannel>();
  /** Attempts to respond that are under way or whose channel is open. */
  responding = 0;
  /** Whether the initiator reaches whoever answered. */
  connects = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async initiate(exchange: (offer: string) => Promise<string>, signal: AbortSignal): Promise<DataChannel> {
    signal.throwIfAborted();
    const { a, b } = memoryDataChannel({ clock: this.#clock });
    const offer = `offer ${this.#offers.size}`;
    this.#offers.set(offer, b);
    const answer = await exchange(offer);
    if (answer !== `answer to ${offer}`)
      throw new TaborError("malformed", "link", "not an answer to this offer");
    return a;
  }

  respond(offer: string, signal: AbortSignal): Promise<{ answer: string; channel: Promise<DataChannel> }> {
    const end = this.#offers.get(offer);
    if (!end) return Promise.reject(new TaborError("malformed", "link", "no offer"));
    this.responding++;
    const channel = this.connects ? Promise.resolve(end) : never(signal);
    channel.catch(() => undefined);
    return Promise.resolve({ answer: `answer to ${offer}`, channel });
  }
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      reject(new TaborError("aborted", "here", "given up"));
    });
  });
}
