import { readWhole } from "./read-whole.ts";
import { Streams } from "./streams.ts";
import type { OnionStream } from "./onion-stream.ts";
import type { StreamId, StreamMessage } from "../cell/relay-message.ts";
import type { CircuitEndUser, StreamEnd } from "../circuit/circuit-end.ts";
import type { AnswerOffer } from "../directory/source.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { QueueMemory } from "../memory/queue-memory.ts";

/** SPEC §11: an offer or a reply, in bytes. */
export const MAX_SIGNAL_LENGTH = 16_384;
/** From BEGIN_SIGNAL until the reply, in milliseconds. */
export const SIGNAL_DEADLINE_MS = 10_000;

/** What a signal may use while it is answered. */
export interface SignalPlace {
  readonly answer: AnswerOffer;
  /** Gives the place back. */
  readonly leave: () => void;
}

export interface SignalEndInit {
  readonly end: StreamEnd;
  /** Of the BEGIN_SIGNAL that came. */
  readonly id: StreamId;
  /** undefined: it is refused. */
  readonly place: SignalPlace | undefined;
  readonly memory: QueueMemory;
}

/** A relay's end of a circuit that brings it a sealed offer (SPEC §7.7): one stream, whose bytes are the offer, and then the reply. */
export class SignalEnd implements CircuitEndUser {
  readonly #end: StreamEnd;
  readonly #id: StreamId;
  readonly #streams: Streams;

  constructor({ end, id, place, memory }: SignalEndInit) {
    this.#end = end;
    this.#id = id;
    this.#streams = new Streams(end, undefined, memory);
    end.use(this);
    const stream = this.#streams.add(id);
    if (place === undefined) stream.abort(new TaborError("resource-limit", "relay", "too many signals"));
    else void this.#serve(stream, place);
  }

  message(message: StreamMessage): void {
    switch (message.command) {
      case "DATA":
      case "END":
      case "XOFF":
      case "XON":
        this.#streams.receive(message, message.streamId === this.#id);
        return;
      case "BEGIN":
      case "FETCH":
      case "BEGIN_SIGNAL":
      case "RESOLVE":
      case "CONNECTED":
      case "RESOLVED":
        throw new TaborError("protocol", "relay", `${message.command} on a circuit that signals`);
    }
  }

  room(): void {
    this.#streams.pump();
  }

  closed(error: TaborError): void {
    this.#streams.closed(error);
  }

  /** Never throws: what goes wrong ends the stream. */
  async #serve(stream: OnionStream, { answer, leave }: SignalPlace): Promise<void> {
    const cancelDeadline = this.#end.clock.after(SIGNAL_DEADLINE_MS, () => {
      stream.abort(new TaborError("timeout", "relay", "the signal took too long"));
    });
    try {
      const reply = await answer(await readWhole(stream, MAX_SIGNAL_LENGTH));
      this.#end.send({ command: "CONNECTED", streamId: this.#id, connected: undefined });
      await stream.write(reply);
      stream.end();
    } catch (thrown) {
      stream.abort(toTaborError(thrown, "relay", "answering a signal"));
    } finally {
      cancelDeadline();
      leave();
    }
  }
}
