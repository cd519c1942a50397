import { MAX_STREAM_DATA } from "../cell/relay-message.ts";
import { PackageWindow, STREAM_WINDOW } from "../circuit/windows.ts";
import { TaborError } from "../errors.ts";

/** What a stream has been given to send: one write at a time, cut into cells as the windows allow (SPEC §6.4). */
export class Outbox {
  readonly #window = new PackageWindow(STREAM_WINDOW);
  #write: Write | undefined;

  get isEmpty(): boolean {
    return this.#write === undefined;
  }

  /** Whether a cell could be sent now, as far as this stream is concerned. */
  get isReady(): boolean {
    return this.#write !== undefined && this.#window.room > 0;
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

  /** The data of the next cell; only when ready. */
  next(): Uint8Array {
    const write = this.#write;
    if (write === undefined) throw new TaborError("usage", "here", "nothing to send");
    this.#window.take();
    const data = write.bytes.subarray(write.offset, write.offset + MAX_STREAM_DATA);
    write.offset += data.length;
    if (write.offset === write.bytes.length) {
      this.#write = undefined;
      write.resolve();
    }
    return data;
  }

  /** A STREAM_SENDME has come. @throws protocol if it was not due. */
  acknowledged(): void {
    this.#window.acknowledge();
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
