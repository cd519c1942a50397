import { splice, type Duplex } from "./duplex.ts";
import { ExitRefusal, type ExitConnector, type ExitPorts } from "./exit-port.ts";
import type { OnionStream } from "./onion-stream.ts";
import { MAX_STREAMS, Streams } from "./streams.ts";
import type { CircuitEndUser, StreamEnd } from "../circuit/circuit-end.ts";
import type { StreamId, StreamMessage } from "../cell/relay-message.ts";
import type { Begin, Connected, FetchOrigin, ResolvedAnswer } from "../cell/stream-bodies.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { QueueMemory } from "../memory/queue-memory.ts";

/** As many of the longest answers as fit one message. */
const MAX_ANSWERS = 7;
const NO_ANSWER: ResolvedAnswer = { type: "error", transient: false };

/**
 * The exit's side of the streams of one circuit (SPEC §7). A relay without a connector is no exit for streams, and one without a fetcher
 * none that fetches: it refuses BEGIN, or FETCH, with END *exit policy*.
 */
export class ExitStreams implements CircuitEndUser {
  readonly #end: StreamEnd;
  readonly #ports: ExitPorts;
  readonly #streams: Streams;
  /** Connections and questions under way or open; a client that opens and cuts streams cannot get ahead of it. */
  readonly #serving = new Set<AbortController>();
  #lastId = 0;

  /** @param memory of the relay, in which is counted what waits for sites. */
  constructor(end: StreamEnd, ports: ExitPorts, memory?: QueueMemory) {
    this.#end = end;
    this.#ports = ports;
    this.#streams = new Streams(end, undefined, memory);
    end.use(this);
  }

  message(message: StreamMessage): void {
    switch (message.command) {
      case "BEGIN":
        this.#begin(message.streamId, message);
        return;
      case "FETCH":
        this.#fetch(message.streamId, message.origin);
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
      case "BEGIN_SIGNAL":
        throw new TaborError("protocol", "relay", "BEGIN_SIGNAL is the first of its circuit");
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
    const { connector } = this.#ports;
    this.#open(
      id,
      connector &&
        (async (signal) => {
          const connection = await connector.connect(begin.target, begin.preference, signal);
          return { connection, connected: { address: connection.address, ttl: connection.ttl } };
        }),
    );
  }

  #fetch(id: StreamId, origin: FetchOrigin): void {
    const { fetcher } = this.#ports;
    this.#open(
      id,
      fetcher &&
        (async (signal) => ({ connection: await fetcher.fetch(origin, signal), connected: undefined })),
    );
  }

  #open(id: StreamId, open: Open | undefined): void {
    this.#useId(id);
    if (this.#streams.isFull) throw new TaborError("resource-limit", "relay", "the client ends no streams");
    const stream = this.#streams.add(id);
    if (open === undefined) stream.cut("exit-policy", refusedHere());
    else if (this.#serving.size >= MAX_STREAMS) stream.cut("resource-limit", refusedHere());
    else void this.#serve(stream, open);
  }

  /** Connects and carries bytes until both directions have ended. Never throws: what goes wrong ends the stream. */
  async #serve(stream: OnionStream, open: Open): Promise<void> {
    const serving = this.#startServing();
    stream.whenBroken((error) => {
      serving.abort(error);
    });
    try {
      const { connection, connected } = await open(serving.signal);
      abortWith(connection, serving.signal);
      if (!serving.signal.aborted) this.#end.send({ command: "CONNECTED", streamId: stream.id, connected });
      await splice(stream, tellingWhy(connection, stream));
    } catch (thrown) {
      endStream(stream, thrown);
    } finally {
      this.#serving.delete(serving);
    }
  }

  #resolve(id: StreamId, name: string): void {
    this.#useId(id);
    const { connector } = this.#ports;
    if (connector === undefined) this.#answer(id, [NO_ANSWER]);
    else if (this.#serving.size >= MAX_STREAMS) this.#answer(id, [{ type: "error", transient: true }]);
    else void this.#serveResolve(id, name, connector);
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

/** Opens what a stream is joined to. @throws ExitRefusal */
type Open = (signal: AbortSignal) => Promise<{
  readonly connection: Duplex;
  readonly connected: Connected | undefined;
}>;

/** The same connection; why it breaks, if it says so, is told to the client before the stream ends for that. */
function tellingWhy(connection: Duplex, stream: OnionStream): Duplex {
  const tell = (thrown: unknown): never => {
    endStream(stream, thrown);
    throw thrown;
  };
  return {
    read: () => connection.read().catch(tell),
    write: (bytes) => connection.write(bytes).catch(tell),
    end: () => {
      connection.end();
    },
    abort: (error) => {
      connection.abort(error);
    },
  };
}

/** A site that does not read would hold its connection for ever after the client has gone. */
function abortWith(connection: Duplex, signal: AbortSignal): void {
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
