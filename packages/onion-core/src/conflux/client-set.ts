import { ConfluxSet, type SetRole } from "./conflux-set.ts";
import type { Leg } from "./leg.ts";
import { StallWatch } from "./stall-watch.ts";
import { equalConstantTime } from "../bytes/bytes.ts";
import { NONCE_LENGTH, type ConfluxLink } from "../cell/conflux-bodies.ts";
import type { ConfluxMessage } from "../cell/relay-message.ts";
import type { CircuitEnd, StreamEnd } from "../circuit/circuit-end.ts";
import { TaborError } from "../errors.ts";
import { microsOf, type Cancel, type Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";

/** SPEC §11. */
const LINK_DEADLINE_MS = 10_000;
/** SPEC §11. Longer: the way there may be away for a while, as it may for any circuit. */
const RESUME_DEADLINE_MS = 60_000;

/** The client's side of a set: links two circuits to one exit, and takes up again what one of them loses (SPEC §14.1, §14.4). */
export class ClientSet {
  /** Resolves when streams may use it. @throws what ended it. */
  readonly linked: Promise<void>;
  /** Settles when it is gone, with the reason. */
  readonly closed: Promise<TaborError>;
  readonly #set: ConfluxSet;
  readonly #nonce: Uint8Array;
  readonly #watch: StallWatch;
  /** Legs on which LINKED is awaited, and since when, in microseconds. */
  readonly #asked = new Map<Leg, number>();
  #cancelDeadline: Cancel = () => undefined;
  #settle: { readonly linked: () => void; readonly closed: (reason: TaborError) => void };

  /** @param ends of the same exit, on which nothing has been said yet. */
  constructor(ends: readonly [CircuitEnd, CircuitEnd], { clock, random }: { clock: Clock; random: Random }) {
    this.#nonce = random.fill(new Uint8Array(NONCE_LENGTH));
    this.#set = new ConfluxSet({ clock, role: this.#role() });
    this.#watch = new StallWatch(clock, () => this.#set.awaited);
    const settle = { linked: (): void => undefined, closed: (_: TaborError): void => undefined };
    this.#settle = settle;
    this.closed = new Promise((resolve) => (settle.closed = resolve));
    this.linked = new Promise((resolve, reject) => {
      settle.linked = resolve;
      void this.closed.then(reject);
    });
    // Who waits for neither hears from the streams.
    this.linked.catch(() => undefined);
    for (const leg of ends.map((end) => this.#set.add(end))) this.#ask(leg);
  }

  /** Where streams are sent, once it is linked. */
  get end(): StreamEnd {
    return this.#set;
  }

  get isClosed(): boolean {
    return this.#set.isEnded;
  }

  /** Ends it with both circuits. */
  destroy(reason: TaborError): void {
    this.#set.end(reason);
  }

  #role(): SetRole {
    return {
      told: (leg, message) => {
        this.#told(leg, message);
      },
      lost: (survivor) => {
        this.#watch.stop();
        this.#set.hold();
        this.#ask(survivor);
      },
      // What the exit did wrong on one leg; what relays do to a leg costs the leg.
      isFatal: ({ code }) => code === "protocol" || code === "malformed",
      ended: (reason) => {
        this.#cancelDeadline();
        this.#watch.stop();
        this.#settle.closed(reason);
      },
    };
  }

  #ask(leg: Leg): void {
    const { clock, lastSent, lastOfLost } = this.#set;
    this.#cancelDeadline();
    const deadline = this.#set.isForming ? LINK_DEADLINE_MS : RESUME_DEADLINE_MS;
    this.#cancelDeadline = clock.after(deadline, () => {
      this.destroy(new TaborError("timeout", "exit", "the exit did not join the circuits in time"));
    });
    this.#asked.set(leg, microsOf(clock));
    leg.end.send({ command: "CONFLUX_LINK", nonce: this.#nonce, lastSent, lastReceived: lastOfLost });
  }

  #told(leg: Leg, message: ConfluxMessage): void {
    const asked = this.#asked.get(leg);
    if (message.command !== "CONFLUX_LINKED" || asked === undefined)
      throw new TaborError("protocol", "exit", `${message.command} was not asked for`);
    if (!equalConstantTime(message.nonce, this.#nonce))
      throw new TaborError("protocol", "exit", "the exit joined another set");
    this.#asked.delete(leg);
    if (this.#asked.size === 0) this.#cancelDeadline();
    if (this.#set.isForming) this.#linkedFirst(leg, asked, message);
    else this.#set.resume(message);
  }

  #linkedFirst(leg: Leg, asked: number, { lastSent, lastReceived }: ConfluxLink): void {
    if (lastSent !== 0 || lastReceived !== 0)
      throw new TaborError("protocol", "exit", "a new set is not new");
    leg.linkRoundTrip = microsOf(this.#set.clock) - asked;
    leg.end.send({ command: "CONFLUX_LINKED_ACK" });
    if (this.#asked.size > 0) return;
    this.#set.open();
    this.#watch.start();
    this.#settle.linked();
  }
}
