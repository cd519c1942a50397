import { type Clock, TaborError } from "@tabor/onion-core";
import type { IncomingSignal, PeerAddress } from "@tabor/signal-protocol";
import type { Broker } from "../signalling/broker.ts";
import { Listeners } from "../signalling/listeners.ts";

/** A broker in memory, which a test may make hostile. */
export class MemoryBroker {
  readonly #peers = new Map<PeerAddress, Listeners<IncomingSignal>>();
  readonly #clock: Clock;
  /** What is delivered in place of each signal, in order. */
  deliver: (signal: IncomingSignal, to: PeerAddress) => readonly IncomingSignal[] = (signal) => [signal];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A peer's way to the broker. */
  join(address: PeerAddress): Broker {
    const listeners = new Listeners<IncomingSignal>();
    this.#peers.set(address, listeners);
    return {
      onSignal: (listener) => listeners.add(listener),
      signal: (to, blob) => {
        const peer = this.#peers.get(to);
        if (!peer) return Promise.reject(new TaborError("unreachable", "directory", "unknown peer"));
        for (const signal of this.deliver({ from: address, blob }, to)) {
          this.#clock.soon(() => {
            peer.tell(signal);
          });
        }
        return Promise.resolve();
      },
    };
  }

  leave(address: PeerAddress): void {
    this.#peers.delete(address);
  }
}
