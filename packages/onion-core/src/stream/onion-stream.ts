import type { Duplex } from "./duplex.ts";
import { Inbox } from "./inbox.ts";
import { endReasonFor, errorFromEnd } from "./outcome.ts";
import { Outbox } from "./outbox.ts";
import type { EndReason } from "../cell/end-reason.ts";
import type { StreamId, StreamMessage } from "../cell/relay-message.ts";
import type { Connected, End } from "../cell/stream-bodies.ts";
import { FLOW_PARAMETERS } from "../congestion/flow-parameters.ts";
import { FlowReceiver, type FlowSignal } from "../congestion/flow-receiver.ts";
import { TaborError } from "../errors.ts";

/** What a stream asks of the circuit's end that carries it. */
export interface StreamCarrier {
  /** Microseconds of a monotonic clock. */
  now(): number;
  send(message: StreamMessage): void;
  /** The stream may have cells to send. */
  pump(): void;
  /** How many more (or, negative, fewer) bytes of memory are held for the reader. */
  buffered(bytes: number): void;
  /** One side or the other has sent END. */
  ended(stream: OnionStream): void;
}

/** How far one direction has come: `done` is END *done*, `cut` any other END (SPEC §7.3). */
type Direction = "open" | "done" | "cut";

/**
 * A stream, the same on the client's and on the exit's side (SPEC §7). Each side ends its own direction; the stream
 * exists until both have sent END.
 */
export class OnionStream implements Duplex {
  readonly id: StreamId;
  readonly #carrier: StreamCarrier;
  readonly #inbox = new Inbox();
  readonly #receiver = new FlowReceiver(FLOW_PARAMETERS);
  readonly #outbox = new Outbox();
  #ours: Direction = "open";
  #theirs: Direction = "open";
  #ending = false;
  #held = 0;
  #dropped = 0;
  #broken: TaborError | undefined;
  #onBroken: ((error: TaborError) => void) | undefined;

  constructor(id: StreamId, carrier: StreamCarrier) {
    this.id = id;
    this.#carrier = carrier;
  }

  /** Microseconds until it may send a cell; 0: now; Infinity: not before something else happens. */
  wait(nowMicros: number): number {
    return this.#outbox.wait(nowMicros);
  }

  /** Whether both sides have sent END. */
  get isOver(): boolean {
    return this.#ours !== "open" && this.#theirs !== "open";
  }

  /** Whether our side has cut it: nobody here waits for anything of it. */
  get isCut(): boolean {
    return this.#ours === "cut";
  }

  /** Tells when either side cuts the stream or the circuit is gone, also if that has been; one listener. */
  whenBroken(listener: (error: TaborError) => void): void {
    this.#onBroken = listener;
    if (this.#broken !== undefined) listener(this.#broken);
  }

  async read(): Promise<Uint8Array | null> {
    const taken = await this.#inbox.take();
    this.#tellHeld();
    if (taken !== null)
      this.#tell(this.#receiver.left(taken.length, this.#inbox.queued, this.#carrier.now()));
    return taken;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#ours !== "open" || this.#ending) throw new TaborError("usage", "here", "write after end");
    const written = this.#outbox.write(bytes);
    this.#carrier.pump();
    await written;
  }

  end(): void {
    if (this.#ours !== "open") return;
    this.#ending = true;
    this.#endIfEmpty();
  }

  abort(error: TaborError): void {
    this.cut(endReasonFor(error), error);
  }

  /** Ends both directions with a reason for the other side. @param refused with reason `exit-policy`. */
  cut(reason: EndReason, error: TaborError, refused?: Connected): void {
    const wasBroken = this.#broken !== undefined;
    this.#break(error);
    if (wasBroken) return;
    // After both directions have been ended in order there is nothing left to cut.
    if (this.#ours === "open" || (this.#ours === "done" && this.#theirs === "open")) {
      this.#sendEnd(refused === undefined ? { reason } : { reason, refused });
    }
  }

  /** Sends the next cell of data; only when it need not wait. */
  sendNext(): void {
    this.#send({ command: "DATA", streamId: this.id, data: this.#outbox.next() });
    this.#endIfEmpty();
  }

  /** @throws protocol, for the circuit. */
  receive(message: StreamMessage & { command: "DATA" | "END" | "XOFF" | "XON" }): void {
    switch (message.command) {
      case "DATA":
        this.#received(message.data);
        return;
      case "XOFF":
        this.#outbox.flow.xoff();
        return;
      case "XON":
        this.#outbox.flow.xon(message.kbps, this.#carrier.now());
        this.#carrier.pump();
        return;
      case "END":
        this.#ended(message.reason);
    }
  }

  /** The circuit is gone. */
  circuitClosed(error: TaborError): void {
    this.#break(error);
  }

  #received(data: Uint8Array): void {
    if (this.#theirs !== "open") throw new TaborError("protocol", "relay", "DATA after END");
    if (this.#broken !== undefined) {
      this.#drop(data.length);
      return;
    }
    this.#inbox.add(data);
    this.#tellHeld();
    this.#tell(this.#receiver.arrived(data.length, this.#inbox.queued, this.#carrier.now()));
  }

  /** What was under way when our side cut the stream. */
  #drop(bytes: number): void {
    this.#dropped += bytes;
    if (this.#dropped > FLOW_PARAMETERS.maxInFlight)
      throw new TaborError("protocol", "relay", "a stream goes on in spite of END");
  }

  #tell(signal: FlowSignal | undefined): void {
    if (signal !== undefined && this.#theirs === "open") this.#send({ ...signal, streamId: this.id });
  }

  #ended(reason: EndReason): void {
    if (this.#theirs === "cut" || (this.#theirs === "done" && reason === "done")) {
      throw new TaborError("protocol", "relay", "END twice");
    }
    if (reason === "done") {
      this.#theirs = "done";
      this.#inbox.finish(null);
      this.#carrier.ended(this);
      return;
    }
    this.#theirs = "cut";
    const error = errorFromEnd(reason);
    // What came before may still be read.
    this.#inbox.finish(error);
    if (this.#ours === "open") this.#sendEnd({ reason: "done" });
    else this.#carrier.ended(this);
    this.#setBroken(error);
  }

  /** Drops what waits, in both directions. */
  #break(error: TaborError): void {
    this.#inbox.fail(error);
    this.#tellHeld();
    this.#setBroken(error);
  }

  /** @throws what the carrier says to too much. */
  #tellHeld(): void {
    const before = this.#held;
    this.#held = this.#inbox.bytes;
    this.#carrier.buffered(this.#held - before);
  }

  #setBroken(error: TaborError): void {
    if (this.#broken !== undefined) return;
    this.#broken = error;
    this.#outbox.fail(error);
    this.#onBroken?.(error);
  }

  #endIfEmpty(): void {
    if (this.#ending && this.#ours === "open" && this.#outbox.isEmpty) this.#sendEnd({ reason: "done" });
  }

  #sendEnd(end: End): void {
    this.#ours = end.reason === "done" ? "done" : "cut";
    this.#send({ command: "END", streamId: this.id, ...end });
    this.#carrier.ended(this);
  }

  #send(message: StreamMessage): void {
    this.#carrier.send(message);
  }
}
