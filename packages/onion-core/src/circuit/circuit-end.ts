import { TaborError } from "../errors.ts";
import type { RelayMessage, StreamMessage } from "../cell/relay-message.ts";
import { BlockedSignal } from "../congestion/blocked-signal.ts";
import { CongestionControl } from "../congestion/congestion-control.ts";
import { ExpectedTags } from "../congestion/expected-tags.ts";
import { BLOCKED_MARKS, TABOR_PARAMETERS } from "../congestion/vegas-parameters.ts";
import { microsOf, type Clock } from "../ports/clock.ts";

/** What uses a circuit's end: the streams on it. */
export interface CircuitEndUser {
  /** @throws what is wrong with the message: the circuit is destroyed. */
  message(message: StreamMessage): void;
  /** DATA may be sent again. */
  room(): void;
  /** The circuit is gone; nothing follows. */
  closed(reason: TaborError): void;
}

/** @param sealed is told the GCM tag of the sealed cell. */
export type Transmit = (message: RelayMessage, sealed?: (tag: Uint8Array) => void) => void;

/** What carries a circuit's end. */
export interface CircuitCarrier {
  readonly clock: Clock;
  /** Seals and sends a message, and never throws; calls `sealed` in order, before the cell leaves. */
  readonly transmit: Transmit;
  /** Cells of the circuit that wait for the first link on the way. */
  readonly queued: () => number;
}

/**
 * One of the two ends between which streams run: the client's view of a hop, or the hop itself. It keeps the congestion
 * window and exchanges authenticated SENDMEs (SPEC §6.4, §12.1); both ends are the same.
 */
export class CircuitEnd {
  readonly clock: Clock;
  readonly #carrier: CircuitCarrier;
  readonly #control = new CongestionControl(TABOR_PARAMETERS);
  readonly #blocked = new BlockedSignal(BLOCKED_MARKS);
  readonly #tags = new ExpectedTags();
  #received = 0;
  #user: CircuitEndUser | undefined;
  #closedBy: TaborError | undefined;

  constructor(carrier: CircuitCarrier) {
    this.#carrier = carrier;
    this.clock = carrier.clock;
  }

  /** Who gets stream messages; set once, before any may come. */
  use(user: CircuitEndUser): void {
    this.#user = user;
    if (this.#closedBy !== undefined) user.closed(this.#closedBy);
  }

  /** How many DATA cells may be sent now. */
  get room(): number {
    return this.#control.room;
  }

  send(message: RelayMessage): void {
    if (message.command === "DATA" && this.#control.cellSent(microsOf(this.clock)))
      this.#carrier.transmit(message, this.#expect);
    else this.#carrier.transmit(message);
  }

  /** @param tag of the cell that brought the message. @throws protocol. */
  receive(message: StreamMessage, tag: Uint8Array): void {
    if (this.#user === undefined) throw new TaborError("protocol", "relay", "no streams run to this hop");
    if (message.command === "DATA") this.#count(tag);
    if (this.#closedBy === undefined) this.#user.message(message);
  }

  /** A SENDME has come. @throws protocol unless it names the cell that it acknowledges. */
  acknowledged(tag: Uint8Array): void {
    this.#tags.check(tag);
    const queued = this.#carrier.queued();
    this.#control.acknowledged(microsOf(this.clock), this.#blocked.update(queued), queued);
    this.#user?.room();
  }

  closed(reason: TaborError): void {
    this.#closedBy = reason;
    this.#user?.closed(reason);
  }

  readonly #expect = (tag: Uint8Array): void => {
    this.#tags.expect(tag);
  };

  #count(tag: Uint8Array): void {
    this.#received = (this.#received + 1) % TABOR_PARAMETERS.sendmeInc;
    if (this.#received === 0) this.send({ command: "SENDME", tag });
  }
}
