import type { MaybePromise } from "../ports/aead.ts";
import type { Clock } from "../ports/clock.ts";
import type { HandshakeCrypto } from "../ports/primitives.ts";

/** As many as a circuit has hops. */
const AHEAD = 3;

/** So that what a pair was taken for is on its way before the next one is made. */
const PAUSE_MS = 1;

/** The same primitives with key pairs made ahead of need: while a client finds its guard, and while a hop answers. Each is given once. */
export function keysAhead(crypto: HandshakeCrypto, clock: Clock): HandshakeCrypto {
  const dhPairs = new Stock(() => crypto.generateKeyPair(), clock);
  const kemPairs = new Stock(() => crypto.kem.generateKeyPair(), clock);
  return {
    ...crypto,
    generateKeyPair: () => dhPairs.take(),
    kem: { ...crypto.kem, generateKeyPair: () => kemPairs.take() },
  };
}

/** One is made at a time, and then the thread is let go: in a tab, people wait for it. */
class Stock<T> {
  readonly #make: () => MaybePromise<T>;
  readonly #clock: Clock;
  readonly #ready: T[] = [];
  #isFilling = false;

  constructor(make: () => MaybePromise<T>, clock: Clock) {
    this.#make = make;
    this.#clock = clock;
    this.#fill();
  }

  take(): MaybePromise<T> {
    const taken = this.#ready.shift();
    this.#fill();
    return taken ?? this.#make();
  }

  #fill(): void {
    if (this.#isFilling || this.#ready.length >= AHEAD) return;
    this.#isFilling = true;
    this.#clock.after(PAUSE_MS, () => void this.#add());
  }

  async #add(): Promise<void> {
    const made = await this.#attempt();
    this.#isFilling = false;
    if (made === undefined) return;
    this.#ready.push(made);
    this.#fill();
  }

  /** What fails here fails again for whoever takes one, who is told why. */
  async #attempt(): Promise<T | undefined> {
    try {
      return await this.#make();
    } catch {
      return undefined;
    }
  }
}
