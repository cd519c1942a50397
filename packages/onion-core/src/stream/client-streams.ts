import type { OnionStream } from "./onion-stream.ts";
import { errorFromEnd } from "./outcome.ts";
import { Streams } from "./streams.ts";
import type { CircuitEndUser, StreamEnd } from "../circuit/circuit-end.ts";
import type { StreamId, StreamMessage } from "../cell/relay-message.ts";
import type {
  AddressPreference,
  Connected,
  FetchOrigin,
  ResolvedAnswer,
  StreamTarget,
} from "../cell/stream-bodies.ts";
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
  readonly #end: StreamEnd;
  readonly #streams: Streams;
  readonly #connecting = new Map<StreamId, Waiter<Connected | undefined>>();
  readonly #resolving = new Map<StreamId, Waiter<readonly ResolvedAnswer[]>>();
  #lastId = 0;
  #closedBy: TaborError | undefined;

  /** @param onEnded is told whenever one direction of a stream has ended. */
  constructor(end: StreamEnd, onEnded: () => void) {
    this.#end = end;
    this.#streams = new Streams(end, onEnded);
    end.use(this);
  }

  /** Streams that are of use; questions to the resolver, which can be asked elsewhere, do not count. */
  get count(): number {
    return this.#streams.count;
  }

  /** Whether there has ever been a stream. */
  get isUsed(): boolean {
    return this.#lastId > 0;
  }

  /** Whether no further stream can be opened: ids are never used twice. */
  get isUsedUp(): boolean {
    return this.#lastId === LAST_STREAM_ID || this.#streams.isFull;
  }

  /** @throws resource-limit, or what closed the circuit. */
  open(target: StreamTarget, preference: AddressPreference): PendingStream {
    return this.#opened((streamId) => ({ command: "BEGIN", streamId, target, preference }));
  }

  /** A stream on which the exit is spoken to in HTTP/1.1 (SPEC §7.5). @throws as `open`. */
  fetch(origin: FetchOrigin): PendingStream {
    return this.#opened((streamId) => ({ command: "FETCH", streamId, origin }));
  }

  /** To the relay itself, for signalling (SPEC §7.7). @throws as `open`. */
  openSignal(): PendingStream {
    return this.#opened((streamId) => ({ command: "BEGIN_SIGNAL", streamId }));
  }

  #opened(opening: (id: StreamId) => StreamMessage): PendingStream {
    const streamId = this.#nextId();
    const stream = this.#streams.add(streamId);
    const connected = new Promise<Connected | undefined>((resolve, reject) => {
      this.#connecting.set(streamId, { resolve, reject });
    });
    this.#end.send(opening(streamId));
    return { stream, connected };
  }

  /** Asks the exit's resolver. @throws resource-limit, or what closed the circuit. */
  async resolve(name: string): Promise<readonly ResolvedAnswer[]> {
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
        this.#take(this.#connecting, message).resolve(message.connected);
        return;
      case "RESOLVED":
        this.#take(this.#resolving, message).resolve(message.answers);
        return;
      case "DATA":
        if (this.#connecting.has(message.streamId)) {
          throw new TaborError("protocol", "exit", "DATA before CONNECTED");
        }
        this.#toStream(message);
        return;
      case "END":
        if (this.#resolving.has(message.streamId))
          throw new TaborError("protocol", "exit", "END of a question");
        this.#connecting.get(message.streamId)?.reject(errorFromEnd(message.reason));
        this.#connecting.delete(message.streamId);
        this.#toStream(message);
        return;
      case "XOFF":
      case "XON":
        this.#toStream(message);
        return;
      case "BEGIN":
      case "FETCH":
      case "BEGIN_SIGNAL":
      case "RESOLVE":
        throw new TaborError("protocol", "exit", `${message.command} towards a client`);
    }
  }

  room(): void {
    this.#streams.pump();
  }

  closed(error: TaborError): void {
    this.#closedBy = error;
    this.#streams.closed(error);
    for (const waiters of [this.#connecting, this.#resolving]) {
      for (const waiter of waiters.values()) waiter.reject(error);
      waiters.clear();
    }
  }

  #toStream(message: Parameters<Streams["receive"]>[0]): void {
    this.#streams.receive(message, message.streamId <= this.#lastId);
  }

  /** @throws protocol if nobody has asked, or has been answered. */
  #take<T>(waiters: Map<StreamId, T>, { command, streamId }: StreamMessage): T {
    const waiter = waiters.get(streamId);
    if (waiter === undefined) throw new TaborError("protocol", "exit", `${command} was not asked for`);
    waiters.delete(streamId);
    return waiter;
  }

  #nextId(): StreamId {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    if (this.isUsedUp) throw new TaborError("resource-limit", "here", "the circuit takes no more streams");
    this.#lastId += 1;
    return this.#lastId as StreamId;
  }
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: TaborError) => void;
}
