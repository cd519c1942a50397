import { MAX_STREAM_DATA } from "../cell/relay-message.ts";
import { FLOW_PARAMETERS } from "../congestion/flow-parameters.ts";
import { FlowSender } from "../congestion/flow-sender.ts";
import { TaborError } from "../errors.ts";

/** What a stream has been given to send: one write at a time, cut into cells as the receiver allows (SPEC §12.3). */
export class Outbox {
  /** What the receiver has said. */
  readonly flow = new FlowSender(FLOW_PARAMETERS);
  #write: Write | undefined;

  get isEmpty(): boolean {
    return this.#write === undefined;
  }

  /** Microseconds until a cell may be sent, as far as this stream is concerned; Infinity: not before something else happens. */
  wait(nowMicros: number): number {
    return this.#write === undefined ? Infinity : this.flow.wait(nextLength(this.#write), nowMicros);
  }

  /** Resolves when all of it has been cut into cells. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#write !== undefined)
      return Promise.reject(new TaborError("usage", "here", "one write at a time"));
    if (bytes.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#write = { bytes, offset: 0, resolve, reject };
    });
  }

  /** The data of the next cell; only when it need not wait. */
  next(): Uint8Array {
    const write = this.#write;
    if (write === undefined) throw new TaborError("usage", "here", "nothing to send");
    const data = write.bytes.subarray(write.offset, write.offset + nextLength(write));
    this.flow.sent(data.length);
    write.offset += data.length;
    if (write.offset === write.bytes.length) {
      this.#write = undefined;
      write.resolve();
    }
    return data;
  }

  fail(error: TaborError): void {
    this.#write?.reject(error);
    this.#write = undefined;
  }
}

interface Write {
  readonly bytes: Uint8Array;
  offset: number;
  readonly resolve: () => void;
  readonly reject: (error: TaborError) => void;
}

function nextLength({ bytes, offset }: Write): number {
  return Math.min(bytes.length - offset, MAX_STREAM_DATA);
}
