import { KeptMessages } from "./kept-messages.ts";
import type { ConfluxMessage, StreamMessage } from "../cell/relay-message.ts";
import type { CircuitEnd } from "../circuit/circuit-end.ts";
import { TABOR_PARAMETERS } from "../congestion/vegas-parameters.ts";
import { TaborError } from "../errors.ts";
import type { QueueMemory } from "../memory/queue-memory.ts";

/** Who is told what happens on the legs of a set. None of it throws. */
export interface LegOwner {
  received(leg: Leg, message: StreamMessage): void;
  told(leg: Leg, message: ConfluxMessage): void;
  acknowledged(): void;
  lost(leg: Leg, reason: TaborError): void;
}

/** One circuit of a set: how far each direction has come on it, and what may still be under way (SPEC §14.2, §14.4). */
export class Leg {
  readonly end: CircuitEnd;
  /** Not acknowledged yet. */
  readonly kept: KeptMessages;
  /** Of linking, in microseconds; Infinity: not known. */
  linkRoundTrip = Infinity;
  #lastSent = 0;
  #lastReceived = 0;
  #lastAcknowledged = 0;
  #hasSwitched = false;

  constructor(end: CircuitEnd, owner: LegOwner, memory: QueueMemory | undefined) {
    this.end = end;
    this.kept = new KeptMessages(memory);
    end.becomeLeg();
    end.use({
      message: (message) => {
        owner.received(this, message);
      },
      conflux: (message) => {
        owner.told(this, message);
      },
      room: () => {
        this.#acknowledged();
        owner.acknowledged();
      },
      closed: (reason) => {
        owner.lost(this, reason);
      },
    });
  }

  /** In microseconds, as SENDMEs tell it, before the first as linking did. */
  get roundTrip(): number {
    return this.end.roundTrip > 0 ? this.end.roundTrip : this.linkRoundTrip;
  }

  get lastSent(): number {
    return this.#lastSent;
  }

  get lastReceived(): number {
    return this.#lastReceived;
  }

  /** Up to which number all that was sent on it has arrived. */
  get lastAcknowledged(): number {
    return this.#lastAcknowledged;
  }

  /** How far both directions have come on it: a leg that moves changes it. */
  get progress(): number {
    return this.#lastReceived + this.#lastAcknowledged;
  }

  /** The next message on it comes after so many of the set. */
  switchTo(lastSent: number): void {
    const relative = lastSent - this.#lastSent;
    this.#lastSent = lastSent;
    if (relative > 0) this.end.send({ command: "CONFLUX_SWITCH", relative });
  }

  send(message: StreamMessage): void {
    this.#lastSent += 1;
    this.kept.push(this.#lastSent, message);
    this.end.send(message);
  }

  /** A SWITCH has come. @throws protocol if nothing came since the last: it carries no other meaning. */
  switched(relative: number): void {
    if (this.#hasSwitched) throw new TaborError("protocol", "relay", "CONFLUX_SWITCH after CONFLUX_SWITCH");
    this.#hasSwitched = true;
    this.#lastReceived += relative;
  }

  /** A message has come. @returns its number. */
  received(): number {
    this.#hasSwitched = false;
    this.#lastReceived += 1;
    return this.#lastReceived;
  }

  #acknowledged(): void {
    for (let left = TABOR_PARAMETERS.sendmeInc; left > 0; left--)
      this.#lastAcknowledged = this.kept.shift()?.number ?? this.#lastAcknowledged;
  }
}
