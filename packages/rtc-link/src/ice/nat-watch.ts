import type { Cancel, Clock, NatClass } from "@tabor/onion-core";

/** A laptop moves, and a router is exchanged: milliseconds until it is looked again. */
const AGAIN_MS = 3_600_000;

export interface NatWatchInit {
  readonly find: () => Promise<NatClass>;
  readonly clock: Clock;
  /** Told when it is known, and when it has changed. */
  readonly changed?: (nat: NatClass) => void;
}

/** Keeps looking what NAT we are behind. Starts at once. */
export class NatWatch {
  /** What the first look has found. */
  readonly found: Promise<NatClass>;
  readonly #init: NatWatchInit;
  #current: NatClass = "unknown";
  #isClosed = false;
  #cancel: Cancel = () => undefined;

  constructor(init: NatWatchInit) {
    this.#init = init;
    this.found = this.#look();
  }

  /** Unknown until it is known. */
  get current(): NatClass {
    return this.#current;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  async #look(): Promise<NatClass> {
    const nat = await this.#init.find();
    if (this.#isClosed) return nat;
    this.#cancel = this.#init.clock.after(AGAIN_MS, () => void this.#look());
    if (nat !== this.#current) {
      this.#current = nat;
      this.#init.changed?.(nat);
    }
    return nat;
  }
}
