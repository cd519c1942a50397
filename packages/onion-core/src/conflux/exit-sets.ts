import { ConfluxSet, type SetRole } from "./conflux-set.ts";
import type { Leg } from "./leg.ts";
import { bytesToHex, equalConstantTime } from "../bytes/bytes.ts";
import type { ConfluxLink } from "../cell/conflux-bodies.ts";
import type { ConfluxMessage } from "../cell/relay-message.ts";
import type { CircuitEnd, StreamEnd } from "../circuit/circuit-end.ts";
import { TaborError } from "../errors.ts";
import type { QueuedSince, QueueMemory } from "../memory/queue-memory.ts";
import { microsOf, type Clock } from "../ports/clock.ts";

const LEGS = 2;

export interface ExitSetsInit {
  readonly clock: Clock;
  readonly memory: QueueMemory;
  /** Runs streams on a new set. Tells since when it holds data of theirs. */
  readonly serve: (end: StreamEnd) => { readonly oldest: QueuedSince };
}

/** The sets of an exit, each found by its nonce: who knows it is the client that drew it (SPEC §14.1). */
export class ExitSets {
  readonly #init: ExitSetsInit;
  readonly #sets = new Map<string, ExitSet>();

  constructor(init: ExitSetsInit) {
    this.#init = init;
  }

  /** LINK has come first on a circuit. Tells since when its set holds data. @throws protocol, which also costs the set that was named. */
  join(end: CircuitEnd, link: ConfluxLink): { readonly oldest: QueuedSince } {
    const name = bytesToHex(link.nonce);
    const set = this.#sets.get(name) ?? this.#create(name, link.nonce);
    set.join(end, link);
    return set;
  }

  /** Gives memory back that is wanted only if a leg is lost. */
  forget(): void {
    for (const set of this.#sets.values()) set.forget();
  }

  #create(name: string, nonce: Uint8Array): ExitSet {
    const ended = (): void => {
      this.#sets.delete(name);
    };
    const set = new ExitSet(nonce.slice(), this.#init, ended);
    this.#sets.set(name, set);
    return set;
  }
}

class ExitSet {
  readonly #nonce: Uint8Array;
  readonly #set: ConfluxSet;
  readonly #streams: { readonly oldest: QueuedSince };
  /** When LINKED was sent on each leg that has not acknowledged it, in microseconds. */
  readonly #answered = new Map<Leg, number>();
  #joined = 0;
  #hasResumed = false;

  constructor(nonce: Uint8Array, { clock, memory, serve }: ExitSetsInit, ended: () => void) {
    this.#nonce = nonce;
    this.#set = new ConfluxSet({ clock, memory, role: this.#role(ended) });
    this.#streams = serve(this.#set);
  }

  get oldest(): QueuedSince {
    return Math.min(this.#set.oldest, this.#streams.oldest);
  }

  /** @throws protocol. */
  join(end: CircuitEnd, { lastSent, lastReceived }: ConfluxLink): void {
    const error = this.#joined === LEGS ? "a third leg" : "a new leg is not new";
    if (this.#joined === LEGS || lastSent !== 0 || lastReceived !== 0) {
      const reason = new TaborError("protocol", "relay", error);
      this.#set.end(reason);
      throw reason;
    }
    this.#joined += 1;
    const leg = this.#set.add(end);
    if (this.#joined === LEGS) this.#set.open();
    this.#answered.set(leg, microsOf(this.#set.clock));
    this.#answer(leg);
  }

  forget(): void {
    this.#set.forget();
  }

  #role(ended: () => void): SetRole {
    return {
      told: (leg, message) => {
        this.#told(leg, message);
      },
      // The client will say so on the other leg; until then that one carries all that is new.
      lost: () => undefined,
      // Memory is wanted back (SPEC §11.1), and a set holds more than its legs.
      isFatal: ({ code }) => code === "protocol" || code === "malformed" || code === "resource-limit",
      ended,
    };
  }

  #told(leg: Leg, message: ConfluxMessage): void {
    switch (message.command) {
      case "CONFLUX_LINKED_ACK":
        this.#acknowledged(leg);
        return;
      case "CONFLUX_LINK":
        this.#resume(leg, message);
        return;
      case "CONFLUX_LINKED":
      case "CONFLUX_SWITCH":
        throw new TaborError("protocol", "relay", `${message.command} was not asked for`);
    }
  }

  #acknowledged(leg: Leg): void {
    const answered = this.#answered.get(leg);
    if (answered === undefined)
      throw new TaborError("protocol", "relay", "CONFLUX_LINKED_ACK for the second time");
    this.#answered.delete(leg);
    leg.linkRoundTrip = microsOf(this.#set.clock) - answered;
  }

  /** The client has lost the other leg, which we may not know yet. */
  #resume(leg: Leg, link: ConfluxLink): void {
    if (this.#hasResumed || this.#joined < LEGS || !equalConstantTime(link.nonce, this.#nonce))
      throw new TaborError("protocol", "relay", "CONFLUX_LINK for the second time");
    this.#hasResumed = true;
    const reason = new TaborError("closed", "relay", "the client has lost this leg");
    this.#set.otherThan(leg)?.end.destroy(reason);
    this.#answer(leg);
    this.#set.resume(link);
  }

  #answer(leg: Leg): void {
    const { lastSent, lastOfLost: lastReceived } = this.#set;
    leg.end.send({ command: "CONFLUX_LINKED", nonce: this.#nonce, lastSent, lastReceived });
  }
}
