import { CIRCUIT_WINDOW, DeliverWindow, ExpectedTags, PackageWindow } from "./windows.ts";
import { TaborError } from "../errors.ts";
import type { RelayMessage, StreamMessage } from "../cell/relay-message.ts";

/** What uses a circuit's end: the streams on it. */
export interface CircuitEndUser {
  /** @throws what is wrong with the message: the circuit is destroyed. */
  message(message: StreamMessage): void;
  /** DATA may be sent again. */
  room(): void;
  /** The circuit is gone; nothing follows. */
  closed(reason: TaborError): void;
}

/**
 * One of the two ends between which streams run: the client's view of a hop, or the hop itself. It keeps the circuit
 * windows and exchanges authenticated SENDMEs (SPEC §6.4); both ends are the same.
 */
export class CircuitEnd {
  readonly #transmit: Transmit;
  readonly #package = new PackageWindow(CIRCUIT_WINDOW);
  readonly #deliver = new DeliverWindow(CIRCUIT_WINDOW);
  readonly #tags = new ExpectedTags();
  #user: CircuitEndUser | undefined;
  #closedBy: TaborError | undefined;

  /** @param transmit seals and sends a message, and never throws; calls `sealed` in order, before the cell leaves. */
  constructor(transmit: Transmit) {
    this.#transmit = transmit;
  }

  /** Who gets stream messages; set once, before any may come. */
  use(user: CircuitEndUser): void {
    this.#user = user;
    if (this.#closedBy !== undefined) user.closed(this.#closedBy);
  }

  /** How many DATA cells may be sent now. */
  get room(): number {
    return this.#package.room;
  }

  send(message: RelayMessage): void {
    if (message.command !== "DATA") {
      this.#transmit(message);
      return;
    }
    this.#package.take();
    const acknowledged = this.#tags.count();
    this.#transmit(
      message,
      acknowledged
        ? (tag) => {
            this.#tags.expect(tag);
          }
        : undefined,
    );
  }

  /** @param tag of the cell that brought the message. @throws protocol. */
  receive(message: StreamMessage, tag: Uint8Array): void {
    if (this.#user === undefined) throw new TaborError("protocol", "relay", "no streams run to this hop");
    if (message.command === "DATA") {
      this.#deliver.take();
      if (this.#deliver.use(1) > 0) this.send({ command: "SENDME", tag });
    }
    if (this.#closedBy === undefined) this.#user.message(message);
  }

  /** A SENDME has come. @throws protocol unless it names the cell that it acknowledges. */
  acknowledged(tag: Uint8Array): void {
    this.#tags.check(tag);
    this.#package.acknowledge();
    this.#user?.room();
  }

  closed(reason: TaborError): void {
    this.#closedBy = reason;
    this.#user?.closed(reason);
  }
}

/** @param sealed is told the GCM tag of the sealed cell. */
export type Transmit = (message: RelayMessage, sealed?: (tag: Uint8Array) => void) => void;
