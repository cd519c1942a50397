import { EarlyMessages } from "./early-messages.ts";
import { KeptMessages } from "./kept-messages.ts";
import { Leg, type LegOwner } from "./leg.ts";
import type { ConfluxLink } from "../cell/conflux-bodies.ts";
import type { ConfluxMessage, StreamMessage } from "../cell/relay-message.ts";
import { CELL_QUEUE_BOUND } from "../circuit/bounds.ts";
import type { CircuitEnd, CircuitEndUser, StreamEnd } from "../circuit/circuit-end.ts";
import { TABOR_PARAMETERS } from "../congestion/vegas-parameters.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { QueuedSince, QueueMemory } from "../memory/queue-memory.ts";
import type { Clock } from "../ports/clock.ts";

/**
 * Messages from the first that is not acknowledged to the last that was sent (SPEC §14.3): no more than one circuit may have under way, so
 * that streams, and who receives early ones, need no larger bounds for two.
 */
const WINDOW = TABOR_PARAMETERS.cwndMax;

/** What the two ends of a set do differently. */
export interface SetRole {
  /** A message about the set, other than SWITCH. @throws what is wrong with it: the set ends. */
  told(leg: Leg, message: ConfluxMessage): void;
  /** One of two legs is gone. */
  lost(survivor: Leg): void;
  /** Whether the loss of a leg for this reason is the loss of the set. */
  isFatal(reason: TaborError): boolean;
  ended(reason: TaborError): void;
}

export interface ConfluxSetInit {
  readonly clock: Clock;
  readonly role: SetRole;
  /** Of the relay, in which is counted what is kept. */
  readonly memory?: QueueMemory | undefined;
}

/**
 * forming: legs are being linked. split: messages are numbered and go over two legs. held: one was lost, and nothing is sent until
 * the other side has said what came over it. single: one leg is left, and messages simply follow each other.
 */
type State = "forming" | "split" | "held" | "single";

/**
 * Two circuits to one exit that carry one set of streams, the same at both ends (SPEC §14): sends each message over the leg with the lowest
 * round trip that has room, delivers in the order of sending, and sends again what a lost leg had under way.
 */
export class ConfluxSet implements StreamEnd, LegOwner {
  readonly clock: Clock;
  readonly #role: SetRole;
  readonly #memory: QueueMemory | undefined;
  #legs: readonly Leg[] = [];
  #lost: Leg | undefined;
  #current: Leg | undefined;
  #state: State = "forming";
  #lastSent = 0;
  #delivered = 0;
  readonly #early: EarlyMessages;
  /** What may not be sent before the messages of the lost leg. */
  readonly #later: KeptMessages;
  #user: CircuitEndUser | undefined;
  #endedBy: TaborError | undefined;

  constructor({ clock, role, memory }: ConfluxSetInit) {
    this.clock = clock;
    this.#role = role;
    this.#memory = memory;
    this.#early = new EarlyMessages(CELL_QUEUE_BOUND, memory);
    this.#later = new KeptMessages(memory);
  }

  get isEnded(): boolean {
    return this.#endedBy !== undefined;
  }

  get isForming(): boolean {
    return this.#state === "forming";
  }

  get lastSent(): number {
    return this.#lastSent;
  }

  /** Up to which number the leg that was lost, or is to be, brought messages; 0 before. */
  get lastOfLost(): number {
    return this.#lost?.lastReceived ?? 0;
  }

  /** Since when the first of what must not be forgotten is held. */
  get oldest(): QueuedSince {
    return Math.min(this.#early.oldest, this.#waiting?.oldest ?? Infinity);
  }

  use(user: CircuitEndUser): void {
    this.#user = user;
    if (this.#endedBy !== undefined) user.closed(this.#endedBy);
  }

  add(end: CircuitEnd): Leg {
    const leg = new Leg(end, this, this.#memory);
    this.#legs = [...this.#legs, leg];
    return leg;
  }

  /** Both legs are linked. */
  open(): void {
    this.#state = "split";
  }

  get canSend(): boolean {
    return this.#endedBy === undefined && this.#waiting === undefined && this.#best() !== undefined;
  }

  /** DATA only when it can be sent; all else at any time. */
  send(message: StreamMessage): void {
    if (this.#endedBy !== undefined) return;
    if (this.#state === "held" || this.#waiting !== undefined) this.#sendLater(message);
    else if (this.#state === "single") this.#legs[0]?.end.send(message);
    else this.#sendSplit(message);
  }

  received(leg: Leg, message: StreamMessage): void {
    this.#guarded(() => {
      if (this.#state === "forming") throw protocol("a stream before both legs are linked");
      const number = this.#state === "single" ? this.#delivered + 1 : leg.received();
      if (number <= this.#delivered) throw protocol("a message for the second time");
      if (number === this.#delivered + 1) this.#deliver(message);
      else this.#early.add(number, message);
    });
  }

  told(leg: Leg, message: ConfluxMessage): void {
    this.#guarded(() => {
      if (message.command === "CONFLUX_SWITCH") this.#switched(leg, message.relative);
      else this.#role.told(leg, message);
    });
  }

  acknowledged(): void {
    if (this.#state === "single") this.#sendWaiting();
    else this.#user?.room();
  }

  lost(leg: Leg, reason: TaborError): void {
    if (this.#endedBy !== undefined) return;
    this.#legs = this.#legs.filter((other) => other !== leg);
    const [survivor] = this.#legs;
    if (survivor === undefined || this.#state !== "split" || this.#role.isFatal(reason)) {
      leg.kept.clear();
      this.end(reason);
    } else {
      this.#lost = leg;
      this.#role.lost(survivor);
    }
  }

  /** The legs that something is awaited of: a message that others wait for, or an acknowledgement. */
  get awaited(): readonly Leg[] {
    if (this.#state !== "split") return [];
    const isBehind = (leg: Leg): boolean => this.#early.size > 0 && leg.lastReceived <= this.#delivered;
    return this.#legs.filter((leg) => isBehind(leg) || leg.end.inflight >= TABOR_PARAMETERS.sendmeInc);
  }

  /** The leg other than this one, if there is. */
  otherThan(leg: Leg): Leg | undefined {
    return this.#legs.find((other) => other !== leg);
  }

  /** Sends nothing until `resume`. */
  hold(): void {
    this.#state = "held";
  }

  /**
   * One leg is lost on both sides: goes on over the other, and first sends again what the lost one did not bring (SPEC §14.4).
   * @throws protocol if the other side says what cannot be.
   */
  resume({ lastSent, lastReceived }: Omit<ConfluxLink, "nonce">): void {
    const [survivor] = this.#legs;
    const lost = this.#lost;
    if (survivor === undefined || lost === undefined) throw protocol("no leg is lost");
    if (lastReceived < lost.lastAcknowledged || lastReceived > lost.lastSent)
      throw protocol("what the lost leg brought cannot be that");
    if (lastSent < Math.max(survivor.lastReceived, lost.lastReceived))
      throw protocol("more has come than was sent");
    this.#state = "single";
    while (lost.kept.first !== undefined && lost.kept.first.number <= lastReceived) lost.kept.shift();
    survivor.kept.clear();
    this.#sendWaiting();
  }

  /** What is kept only in case a leg is lost: a set that has forgotten it ends when that happens. */
  forget(): void {
    for (const leg of this.#legs) leg.kept.forget();
    this.#lost?.kept.forget();
  }

  end(reason: TaborError): void {
    if (this.#endedBy !== undefined) return;
    this.#endedBy = reason;
    this.#early.clear();
    this.#later.clear();
    this.#lost?.kept.clear();
    for (const leg of this.#legs) {
      leg.kept.clear();
      leg.end.destroy(reason);
    }
    this.#user?.closed(reason);
    this.#role.ended(reason);
  }

  #sendSplit(message: StreamMessage): void {
    if (this.#inFlight >= CELL_QUEUE_BOUND) {
      this.end(new TaborError("resource-limit", "relay", "too many messages are not acknowledged"));
      return;
    }
    const leg = this.#best() ?? this.#current ?? this.#legs[0];
    if (leg !== this.#current) leg?.switchTo(this.#lastSent);
    this.#current = leg;
    // Sending may have ended all.
    if (this.isEnded) return;
    this.#lastSent += 1;
    leg?.send(message);
  }

  /** What may be sent over now: the quickest that has room. Undefined: none. */
  #best(): Leg | undefined {
    if (this.#state === "held" || this.#state === "forming") return undefined;
    if (this.#state === "split" && this.#inFlight >= WINDOW) return this.#tail();
    let best: Leg | undefined;
    for (const leg of this.#legs)
      if (leg.end.canSend && (best === undefined || leg.roundTrip < best.roundTrip)) best = leg;
    return best;
  }

  /**
   * The leg whose acknowledgement all waits for, if it will not come by itself: a SENDME is owed for every 64th message only, and fewer
   * may have been the last on it.
   */
  #tail(): Leg | undefined {
    const first = this.#firstKept?.first?.number;
    const leg = this.#legs.find(({ kept }) => kept.first?.number === first);
    return leg !== undefined && leg.end.inflight < TABOR_PARAMETERS.sendmeInc ? leg : undefined;
  }

  /** Messages from the first that is not acknowledged to the last. */
  get #inFlight(): number {
    const first = this.#firstKept?.first;
    return first === undefined ? 0 : this.#lastSent - first.number + 1;
  }

  get #firstKept(): KeptMessages | undefined {
    let first: KeptMessages | undefined;
    for (const leg of this.#legs) first = earlier(first, leg.kept);
    return this.#lost === undefined ? first : earlier(first, this.#lost.kept);
  }

  /** @throws protocol where it may not come, and if the next message could now come over no leg any more. */
  #switched(leg: Leg, relative: number): void {
    if (this.#state !== "split" && this.#state !== "held") throw protocol("CONFLUX_SWITCH without two legs");
    leg.switched(relative);
    const legs = this.#lost === undefined ? this.#legs : [...this.#legs, this.#lost];
    if (legs.every(({ lastReceived }) => lastReceived > this.#delivered))
      throw protocol("a message that no leg brings");
  }

  #deliver(message: StreamMessage): void {
    for (let next: StreamMessage | undefined = message; next !== undefined;) {
      this.#delivered += 1;
      this.#user?.message(next);
      next = this.#endedBy === undefined ? this.#early.take(this.#delivered + 1) : undefined;
    }
  }

  #sendLater(message: StreamMessage): void {
    this.#lastSent += 1;
    this.#later.push(this.#lastSent, message);
    if (this.#later.size > CELL_QUEUE_BOUND)
      this.end(new TaborError("resource-limit", "relay", "too many messages wait for a leg"));
  }

  /** What goes over the leg that is left before anything new: what was lost, then what waited for that. Undefined: nothing. */
  get #waiting(): KeptMessages | undefined {
    if (this.#state === "single" && this.#lost !== undefined && this.#lost.kept.size > 0)
      return this.#lost.kept;
    return this.#later.size > 0 ? this.#later : undefined;
  }

  /** What waits, as the leg that is left has room for DATA; then the streams go on. */
  #sendWaiting(): void {
    const end = this.#legs[0]?.end;
    for (
      let queue = this.#waiting;
      queue !== undefined && this.#endedBy === undefined;
      queue = this.#waiting
    ) {
      const message = queue.first?.message;
      if (message === undefined) {
        this.end(new TaborError("resource-limit", "relay", "what was lost had been forgotten"));
        return;
      }
      if (message.command === "DATA" && end?.canSend !== true) return;
      queue.shift();
      end?.send(message);
    }
    if (this.#endedBy === undefined) this.#user?.room();
  }

  /** What the other side does wrong costs it the set. */
  #guarded(action: () => void): void {
    if (this.#endedBy !== undefined) return;
    try {
      action();
    } catch (thrown) {
      this.end(toTaborError(thrown, "relay", "using a set of circuits"));
    }
  }
}

function earlier(a: KeptMessages | undefined, b: KeptMessages): KeptMessages {
  return (a?.first?.number ?? Infinity) <= (b.first?.number ?? Infinity) ? (a ?? b) : b;
}

function protocol(what: string): TaborError {
  return new TaborError("protocol", "relay", what);
}
