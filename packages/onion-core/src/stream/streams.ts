import { OnionStream, type StreamCarrier } from "./onion-stream.ts";
import type { CircuitEnd } from "../circuit/circuit-end.ts";
import type { StreamId } from "../cell/relay-message.ts";
import { TaborError } from "../errors.ts";

/** SPEC §11. */
export const MAX_STREAMS = 1024;
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** The streams on one end of a circuit: who may send next, and how much they may hold. */
export class Streams implements StreamCarrier {
  readonly #end: CircuitEnd;
  readonly #streamsById = new Map<StreamId, OnionStream>();
  readonly #onFinished: () => void;
  #bufferedBytes = 0;
  #pumping = false;

  /** @param onFinished is told whenever a stream is over. */
  constructor(end: CircuitEnd, onFinished: () => void = () => undefined) {
    this.#end = end;
    this.#onFinished = onFinished;
  }

  get count(): number {
    return this.#streamsById.size;
  }

  get isFull(): boolean {
    return this.#streamsById.size >= MAX_STREAMS;
  }

  get(id: StreamId): OnionStream | undefined {
    return this.#streamsById.get(id);
  }

  add(id: StreamId): OnionStream {
    const stream = new OnionStream(id, this);
    this.#streamsById.set(id, stream);
    return stream;
  }

  send: StreamCarrier["send"] = (message) => {
    this.#end.send(message);
  };

  /** Sends what the windows allow, one cell of each stream in turn. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#end.room > 0 && this.#pumpRound());
    } finally {
      this.#pumping = false;
    }
  }

  finished(stream: OnionStream): void {
    this.#streamsById.delete(stream.id);
    this.#onFinished();
  }

  /**
   * A message for a stream that there may be, or may have been, has come.
   * @param isPast whether a stream of this id has existed. @throws protocol.
   */
  receive(message: Parameters<OnionStream["receive"]>[0], isPast: boolean): void {
    const stream = this.#streamsById.get(message.streamId);
    if (stream !== undefined) stream.receive(message);
    else if (message.command === "DATA" || !isPast) {
      // END and STREAM_SENDME may have crossed our own END; DATA cannot (SPEC §7.3).
      throw new TaborError("protocol", "relay", `${message.command} on no stream`);
    }
  }

  /** @throws resource-limit: each stream is within its window, but all of them together hold too much. */
  buffered(bytes: number): void {
    this.#bufferedBytes += bytes;
    if (this.#bufferedBytes > MAX_BUFFERED_BYTES) {
      throw new TaborError("resource-limit", "relay", "streams hold too much");
    }
  }

  closed(error: TaborError): void {
    const streams = [...this.#streamsById.values()];
    this.#streamsById.clear();
    for (const stream of streams) stream.circuitClosed(error);
  }

  /** One cell of each stream that is ready; returns whether there was any. */
  #pumpRound(): boolean {
    let sent = false;
    for (const stream of this.#streamsById.values()) {
      if (this.#end.room === 0) break;
      if (!stream.isReady) continue;
      stream.sendNext();
      sent = true;
    }
    return sent;
  }
}
