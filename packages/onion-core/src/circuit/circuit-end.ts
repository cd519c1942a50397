import { TaborError } from "../errors.ts";
import type { ConfluxMessage, RelayMessage, StreamMessage } from "../cell/relay-message.ts";
import { BlockedSignal } from "../congestion/blocked-signal.ts";
import { CongestionControl } from "../congestion/congestion-control.ts";
import { ExpectedTags } from "../congestion/expected-tags.ts";
import { BLOCKED_MARKS, TABOR_PARAMETERS } from "../congestion/vegas-parameters.ts";
import { microsOf, type Clock } from "../ports/clock.ts";

/** What uses a circuit's end: the streams on it, or a set of which it is a leg. */
export interface CircuitEndUser {
  /** @throws what is wrong with the message: the circuit is destroyed. */
  message(message: StreamMessage): void;
  /** Who does not know it takes no part in a set. @throws as `message`. */
  conflux?(message: ConfluxMessage): void;
  /** DATA may be sent again. */
  room(): void;
  /** The circuit is gone; nothing follows. */
  closed(reason: TaborError): void;
}

/** Where streams are sent: a circuit's end, or several that are joined there. */
export interface StreamEnd {
  readonly clock: Clock;
  /** Whether a message of DATA may be sent now. */
  readonly canSend: boolean;
  /** Who gets stream messages; set before any may come. */
  use(user: CircuitEndUser): void;
  /** DATA only when it may be sent; all else at any time. Never throws. */
  send(message: StreamMessage): void;
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
  /** Ends the circuit. */
  readonly destroy: (reason: TaborError) => void;
}

/**
 * One of the two ends between which streams run: the client's view of a hop, or the hop itself. It keeps the congestion
 * window and exchanges authenticated SENDMEs (SPEC §6.4, §12.1); both ends are the same.
 */
export class CircuitEnd implements StreamEnd {
  readonly clock: Clock;
  readonly #carrier: CircuitCarrier;
  readonly #control = new CongestionControl(TABOR_PARAMETERS);
  readonly #blocked = new BlockedSignal(BLOCKED_MARKS);
  readonly #tags = new ExpectedTags();
  #received = 0;
  #isLeg = false;
  #user: CircuitEndUser | undefined;
  #closedBy: TaborError | undefined;

  constructor(carrier: CircuitCarrier) {
    this.#carrier = carrier;
    this.clock = carrier.clock;
  }

  use(user: CircuitEndUser): void {
    this.#user = user;
    if (this.#closedBy !== undefined) user.closed(this.#closedBy);
  }

  get canSend(): boolean {
    return this.#control.canSend();
  }

  /** Messages that count, and are not acknowledged. */
  get inflight(): number {
    return this.#control.inflight;
  }

  /** In microseconds, smoothed; 0 before the first SENDME. */
  get roundTrip(): number {
    return this.#control.roundTrip;
  }

  get isLeg(): boolean {
    return this.#isLeg;
  }

  /** Before any is sent or received: all messages of streams count as DATA does, so that SENDMEs tell of each that it has arrived (SPEC §14.3). */
  becomeLeg(): void {
    this.#isLeg = true;
  }

  destroy(reason: TaborError): void {
    this.#carrier.destroy(reason);
  }

  send(message: RelayMessage): void {
    const isAcknowledged = this.#counts(message) && this.#countSent(message);
    this.#carrier.transmit(message, isAcknowledged ? this.#expect : undefined);
  }

  /** @param tag of the cell that brought the message. @throws protocol. */
  receive(message: StreamMessage, tag: Uint8Array): void {
    if (this.#user === undefined) throw new TaborError("protocol", "relay", "no streams run to this hop");
    if (this.#counts(message)) this.#countReceived(tag);
    if (this.#closedBy === undefined) this.#user.message(message);
  }

  /** @throws protocol. */
  conflux(message: ConfluxMessage): void {
    if (this.#user?.conflux === undefined)
      throw new TaborError("protocol", "relay", `${message.command} on a circuit that is no leg`);
    if (this.#closedBy === undefined) this.#user.conflux(message);
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

  #counts(message: RelayMessage): boolean {
    return message.command === "DATA" || (this.#isLeg && "streamId" in message);
  }

  #countSent({ command }: RelayMessage): boolean {
    const now = microsOf(this.clock);
    return command === "DATA" ? this.#control.cellSent(now) : this.#control.urgentSent(now);
  }

  #countReceived(tag: Uint8Array): void {
    this.#received = (this.#received + 1) % TABOR_PARAMETERS.sendmeInc;
    if (this.#received === 0) this.send({ command: "SENDME", tag });
  }
}
