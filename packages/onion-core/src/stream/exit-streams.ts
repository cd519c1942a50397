import { splice } from "./duplex.ts";
import { ExitRefusal, type ExitConnection, type ExitConnector } from "./exit-port.ts";
import type { OnionStream } from "./onion-stream.ts";
import { MAX_STREAMS, Streams } from "./streams.ts";
import type { CircuitEndUser, StreamEnd } from "../circuit/circuit-end.ts";
import type { StreamId, StreamMessage } from "../cell/relay-message.ts";
import type { Begin, ResolvedAnswer } from "../cell/stream-bodies.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { QueueMemory } from "../memory/queue-memory.ts";

/** As many of the longest answers as fit one message. */
const MAX_ANSWERS = 7;
const NO_ANSWER: ResolvedAnswer = { type: "error", transient: false };

/**
 * The exit's side of the streams of one circuit (SPEC §7). A relay without a connector is no exit: it refuses BEGIN with
 * END *exit policy*.
 */
export class ExitStreams implements CircuitEndUser {
  readonly #end: StreamEnd;
  readonly #connector: ExitConnector | undefined;
  readonly #streams: Streams;
  /** Connections and questions under way or open; a client that opens and cuts streams cannot get ahead of it. */
  readonly #serving = new Set<AbortController>();
  #lastId = 0;

  /** @param memory of the relay, in which is counted what waits for sites. */
  constructor(end: StreamEnd, connector: ExitConnector | undefined, memory?: QueueMemory) {
    this.#end = end;
    this.#connector = connector;
    this.#streams = new Streams(end, undefined, memory);
    end.use(this);
  }

  message(message: StreamMessage): void {
    switch (message.command) {
      case "BEGIN":
        this.#begin(message.streamId, message);
        return;
      case "RESOLVE":
        this.#resolve(message.streamId, message.name);
        return;
      case "DATA":
      case "END":
      case "XOFF":
      case "XON":
        this.#streams.receive(message, message.streamId <= this.#lastId);
        return;
      case "CONNECTED":
      case "RESOLVED":
        throw new TaborError("protocol", "relay", `${message.command} from a client`);
    }
  }

  room(): void {
    this.#streams.pump();
  }

  closed(error: TaborError): void {
    this.#streams.closed(error);
    for (const serving of this.#serving) serving.abort(error);
  }

  #begin(id: StreamId, begin: Begin): void {
    this.#useId(id);
    if (this.#streams.isFull) throw new TaborError("resource-limit", "relay", "the client ends no streams");
    const stream = this.#streams.add(id);
    if (this.#connector === undefined) stream.cut("exit-policy", refusedHere());
    else if (this.#serving.size >= MAX_STREAMS) stream.cut("resource-limit", refusedHere());
    else void this.#serve(stream, begin, this.#connector);
  }

  /** Connects and carries bytes until both directions have ended. Never throws: what goes wrong ends the stream. */
  async #serve(stream: OnionStream, { target, preference }: Begin, connector: ExitConnector): Promise<void> {
    const serving = this.#startServing();
    stream.whenBroken((error) => {
      serving.abort(error);
    });
    try {
      const connection = await connector.connect(target, preference, serving.signal);
      abortWith(connection, serving.signal);
      const { address, ttl } = connection;
      if (!serving.signal.aborted)
        this.#end.send({ command: "CONNECTED", streamId: stream.id, connected: { address, ttl } });
      await splice(stream, connection);
    } catch (thrown) {
      endStream(stream, thrown);
    } finally {
      this.#serving.delete(serving);
    }
  }

  #resolve(id: StreamId, name: string): void {
    this.#useId(id);
    if (this.#connector === undefined) this.#answer(id, [NO_ANSWER]);
    else if (this.#serving.size >= MAX_STREAMS) this.#answer(id, [{ type: "error", transient: true }]);
    else void this.#serveResolve(id, name, this.#connector);
  }

  /** Never throws. */
  async #serveResolve(id: StreamId, name: string, connector: ExitConnector): Promise<void> {
    const serving = this.#startServing();
    try {
      this.#answer(id, await connector.resolve(name, serving.signal));
    } catch {
      this.#answer(id, [{ type: "error", transient: true }]);
    } finally {
      this.#serving.delete(serving);
    }
  }

  #answer(streamId: StreamId, answers: readonly ResolvedAnswer[]): void {
    const some = answers.length > 0 ? answers.slice(0, MAX_ANSWERS) : [NO_ANSWER];
    this.#end.send({ command: "RESOLVED", streamId, answers: some });
  }

  #startServing(): AbortController {
    const serving = new AbortController();
    this.#serving.add(serving);
    return serving;
  }

  /** Ids only go up, so none is used twice (SPEC §7). */
  #useId(id: StreamId): void {
    if (id <= this.#lastId) throw new TaborError("protocol", "relay", "stream id is not new");
    this.#lastId = id;
  }
}

/** A site that does not read would hold its connection for ever after the client has gone. */
function abortWith(connection: ExitConnection, signal: AbortSignal): void {
  const abort = (): void => {
    connection.abort(toTaborError(signal.reason, "relay", "serving a stream"));
  };
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
}

function endStream(stream: OnionStream, thrown: unknown): void {
  const error = toTaborError(thrown, "exit", "serving a stream");
  if (!(thrown instanceof ExitRefusal)) stream.abort(error);
  else if (thrown.address === undefined) stream.cut(thrown.reason, error);
  else stream.cut(thrown.reason, error, { address: thrown.address, ttl: 0 });
}

function refusedHere(): TaborError {
  return new TaborError("exit-policy", "exit", "stream refused");
}
