import { splice } from "./duplex.ts";
import { ExitRefusal, type ExitConnector } from "./exit-port.ts";
import type { OnionStream } from "./onion-stream.ts";
import { MAX_STREAMS, Streams } from "./streams.ts";
import type { CircuitEnd, CircuitEndUser } from "../circuit/circuit-end.ts";
import type { StreamId, StreamMessage } from "../cell/relay-message.ts";
import type { Begin, ResolvedAnswer } from "../cell/stream-bodies.ts";
import { TaborError, toTaborError } from "../errors.ts";

/** As many of the longest answers as fit one message. */
const MAX_ANSWERS = 7;

/**
 * The exit's side of the streams of one circuit (SPEC §7). A relay without a connector is no exit: it refuses BEGIN with
 * END *exit policy*.
 */
export class ExitStreams implements CircuitEndUser {
  readonly #end: CircuitEnd;
  readonly #connector: ExitConnector | undefined;
  readonly #streams: Streams;
  readonly #closing = new AbortController();
  #lastId = 0;
  /** Connections and questions under way or open; a client that opens and cuts streams cannot get ahead of it. */
  #serving = 0;

  constructor(end: CircuitEnd, connector: ExitConnector | undefined) {
    this.#end = end;
    this.#connector = connector;
    this.#streams = new Streams(end);
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
      case "STREAM_SENDME":
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
    this.#closing.abort(error);
    this.#streams.closed(error);
  }

  #begin(id: StreamId, begin: Begin): void {
    this.#useId(id);
    const stream = this.#streams.add(id);
    if (this.#connector === undefined) stream.cut("exit-policy", refusedHere());
    else if (this.#serving >= MAX_STREAMS) stream.cut("resource-limit", refusedHere());
    else void this.#serve(stream, begin, this.#connector);
  }

  /** Connects and carries bytes until both directions have ended. Never throws: what goes wrong ends the stream. */
  async #serve(stream: OnionStream, { target, preference }: Begin, connector: ExitConnector): Promise<void> {
    this.#serving += 1;
    try {
      const connection = await connector.connect(target, preference, this.#closing.signal);
      const { address, ttl } = connection;
      this.#end.send({ command: "CONNECTED", streamId: stream.id, connected: { address, ttl } });
      await splice(stream, connection);
    } catch (thrown) {
      endStream(stream, thrown);
    } finally {
      this.#serving -= 1;
    }
  }

  #resolve(id: StreamId, name: string): void {
    this.#useId(id);
    if (this.#connector === undefined) this.#answer(id, [{ type: "error", transient: false }]);
    else if (this.#serving >= MAX_STREAMS) this.#answer(id, [{ type: "error", transient: true }]);
    else void this.#serveResolve(id, name, this.#connector);
  }

  async #serveResolve(id: StreamId, name: string, connector: ExitConnector): Promise<void> {
    this.#serving += 1;
    const answers = await connector
      .resolve(name, this.#closing.signal)
      .catch((): ResolvedAnswer[] => [{ type: "error", transient: true }]);
    this.#serving -= 1;
    this.#answer(id, answers.slice(0, MAX_ANSWERS));
  }

  #answer(streamId: StreamId, answers: readonly ResolvedAnswer[]): void {
    if (!this.#closing.signal.aborted) this.#end.send({ command: "RESOLVED", streamId, answers });
  }

  /** Ids only go up, so none is used twice (SPEC §7). */
  #useId(id: StreamId): void {
    if (id <= this.#lastId) throw new TaborError("protocol", "relay", "stream id is not new");
    this.#lastId = id;
  }
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
