import { OnionStream, type StreamCarrier } from "./onion-stream.ts";
import type { StreamEnd } from "../circuit/circuit-end.ts";
import type { StreamId } from "../cell/relay-message.ts";
import { TaborError } from "../errors.ts";
import type { QueueMemory } from "../memory/queue-memory.ts";
import { microsOf, type Cancel } from "../ports/clock.ts";

/** SPEC §11. */
export const MAX_STREAMS = 1024;
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;

/** The streams on one end of a circuit: who may send next, and how much they may hold. */
export class Streams implements StreamCarrier {
  readonly #end: StreamEnd;
  readonly #streamsById = new Map<StreamId, OnionStream>();
  readonly #onEnded: () => void;
  readonly #memory: QueueMemory | undefined;
  #bufferedBytes = 0;
  #pumping = false;
  #cancelPump: Cancel | undefined;

  /**
   * @param onEnded is told whenever one direction of a stream has ended.
   * @param memory of the relay, in which is counted what waits for readers.
   */
  constructor(end: StreamEnd, onEnded: () => void = () => undefined, memory?: QueueMemory) {
    this.#end = end;
    this.#memory = memory;
    this.#onEnded = onEnded;
  }

  /** Streams that are of use here. One that we have cut only waits for the other side's END, which may never come. */
  get count(): number {
    let count = 0;
    for (const stream of this.#streamsById.values()) if (!stream.isCut) count += 1;
    return count;
  }

  get isFull(): boolean {
    return this.#streamsById.size >= MAX_STREAMS;
  }

  add(id: StreamId): OnionStream {
    const stream = new OnionStream(id, this);
    this.#streamsById.set(id, stream);
    return stream;
  }

  now(): number {
    return microsOf(this.#end.clock);
  }

  send: StreamCarrier["send"] = (message) => {
    this.#end.send(message);
  };

  /**
   * Sends what the window and the readers allow, one cell of each stream in turn. Who has sent goes to the end of the turn, which goes on
   * when there is room again: else the first streams would take every SENDME's worth, and the others starve.
   */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    const now = this.now();
    let soonest = Infinity;
    for (const [id, stream] of this.#streamsById) {
      if (!this.#end.canSend) break;
      const wait = stream.wait(now);
      if (wait > 0) {
        soonest = Math.min(soonest, wait);
        continue;
      }
      this.#streamsById.delete(id);
      this.#streamsById.set(id, stream);
      stream.sendNext();
    }
    this.#pumping = false;
    this.#pumpAfter(soonest);
  }

  /** @param micros until the first reader who named a rate may be sent more; Infinity: nobody waits for that. */
  #pumpAfter(micros: number): void {
    this.#cancelPump?.();
    this.#cancelPump =
      micros === Infinity
        ? undefined
        : this.#end.clock.after(Math.ceil(micros / 1000), () => {
            this.pump();
          });
  }

  ended(stream: OnionStream): void {
    if (stream.isOver) this.#streamsById.delete(stream.id);
    this.#onEnded();
  }

  /**
   * A message for a stream that there may be, or may have been, has come.
   * @param isPast whether a stream of this id has existed. @throws protocol.
   */
  receive(message: Parameters<OnionStream["receive"]>[0], isPast: boolean): void {
    const stream = this.#streamsById.get(message.streamId);
    if (stream !== undefined) stream.receive(message);
    else if (message.command === "DATA" || !isPast) {
      // END, XOFF and XON may have crossed our own END; DATA cannot (SPEC §7.3).
      throw new TaborError("protocol", "relay", `${message.command} on no stream`);
    }
  }

  /** @throws resource-limit: each stream is within its bound, but all of them together hold too much. */
  buffered(bytes: number): void {
    this.#bufferedBytes += bytes;
    if (bytes > 0) this.#memory?.add(bytes);
    else this.#memory?.subtract(-bytes);
    if (bytes > 0 && this.#bufferedBytes > MAX_BUFFERED_BYTES) {
      throw new TaborError("resource-limit", "relay", "streams hold too much");
    }
  }

  closed(error: TaborError): void {
    const streams = [...this.#streamsById.values()];
    this.#streamsById.clear();
    this.#pumpAfter(Infinity);
    for (const stream of streams) stream.circuitClosed(error);
  }
}
