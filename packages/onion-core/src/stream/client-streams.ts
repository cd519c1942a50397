import type { OnionStream } from "./onion-stream.ts";
import { errorFromEnd } from "./outcome.ts";
import { Streams } from "./streams.ts";
import type { CircuitEnd, CircuitEndUser } from "../circuit/circuit-end.ts";
import type { StreamId, StreamMessage } from "../cell/relay-message.ts";
import type { AddressPreference, Connected, ResolvedAnswer, StreamTarget } from "../cell/stream-bodies.ts";
import { TaborError } from "../errors.ts";

const LAST_STREAM_ID = 0xffff;

/** A stream that has been asked for: bytes may be written at once (optimistic data, SPEC §7.1). */
export interface PendingStream {
  readonly stream: OnionStream;
  /** Resolves when the exit is connected. @throws what the exit's END says, or what broke the circuit. */
  readonly connected: Promise<Connected | undefined>;
}

/** The client's side of the streams on one hop. */
export class ClientStreams implements CircuitEndUser {
  readonly #end: CircuitEnd;
  readonly #streams: Streams;
  readonly #connecting = new Map<StreamId, Waiter<Connected | undefined>>();
  readonly #resolving = new Map<StreamId, Waiter<readonly ResolvedAnswer[]>>();
  #lastId = 0;

  /** @param onFinished is told whenever a stream is over. */
  constructor(end: CircuitEnd, onFinished: () => void) {
    this.#end = end;
    this.#streams = new Streams(end, onFinished);
    end.use(this);
  }

  get count(): number {
    return this.#streams.count + this.#resolving.size;
  }

  /** Whether no further stream can be opened: ids are never used twice. */
  get isUsedUp(): boolean {
    return this.#lastId === LAST_STREAM_ID || this.#streams.isFull;
  }

  open(target: StreamTarget, preference: AddressPreference): PendingStream {
    const streamId = this.#nextId();
    const stream = this.#streams.add(streamId);
    const connected = new Promise<Connected | undefined>((resolve, reject) => {
      this.#connecting.set(streamId, { resolve, reject });
    });
    this.#end.send({ command: "BEGIN", streamId, target, preference });
    return { stream, connected };
  }

  /** Asks the exit's resolver. @throws what broke the circuit. */
  resolve(name: string): Promise<readonly ResolvedAnswer[]> {
    const streamId = this.#nextId();
    const answers = new Promise<readonly ResolvedAnswer[]>((resolve, reject) => {
      this.#resolving.set(streamId, { resolve, reject });
    });
    this.#end.send({ command: "RESOLVE", streamId, name });
    return answers;
  }

  message(message: StreamMessage): void {
    switch (message.command) {
      case "CONNECTED":
        this.#connected(message.streamId, message.connected);
        return;
      case "RESOLVED":
        this.#take(this.#resolving, message.streamId)?.resolve(message.answers);
        return;
      case "DATA":
        if (this.#connecting.has(message.streamId)) {
          throw new TaborError("protocol", "exit", "DATA before CONNECTED");
        }
        this.#toStream(message);
        return;
      case "END":
        this.#connecting.get(message.streamId)?.reject(errorFromEnd(message.reason));
        this.#connecting.delete(message.streamId);
        this.#toStream(message);
        return;
      case "STREAM_SENDME":
        this.#toStream(message);
        return;
      case "BEGIN":
      case "RESOLVE":
        throw new TaborError("protocol", "exit", `${message.command} towards a client`);
    }
  }

  room(): void {
    this.#streams.pump();
  }

  closed(error: TaborError): void {
    this.#streams.closed(error);
    for (const waiters of [this.#connecting, this.#resolving]) {
      for (const waiter of waiters.values()) waiter.reject(error);
      waiters.clear();
    }
  }

  #connected(id: StreamId, connected: Connected | undefined): void {
    const waiter = this.#take(this.#connecting, id);
    if (waiter === undefined && this.#streams.get(id) !== undefined) {
      throw new TaborError("protocol", "exit", "CONNECTED twice");
    }
    waiter?.resolve(connected);
  }

  #toStream(message: Parameters<Streams["receive"]>[0]): void {
    this.#streams.receive(message, message.streamId <= this.#lastId);
  }

  /** @throws protocol for an id that we have never used. */
  #take<T>(waiters: Map<StreamId, T>, id: StreamId): T | undefined {
    if (id > this.#lastId) throw new TaborError("protocol", "exit", "answer on no stream");
    const waiter = waiters.get(id);
    waiters.delete(id);
    return waiter;
  }

  #nextId(): StreamId {
    if (this.isUsedUp) throw new TaborError("resource-limit", "here", "the circuit takes no more streams");
    this.#lastId += 1;
    return this.#lastId as StreamId;
  }
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: TaborError) => void;
}
