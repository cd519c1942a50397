import { TaborError, toTaborError, type Duplex } from "@tabor/onion-core";
import { fromPlainError, toPlainError } from "./errors.ts";
import { parsePiece, type PieceMessage } from "./messages.ts";

/** What the other side may send before we have taken it. */
const WINDOW = 1 << 18;
/** The largest piece sent at once. */
const PIECE = 1 << 16;

/**
 * One end of a byte stream over a `MessagePort`: bytes are transferred, and a sender sends no more than the receiver has
 * granted. Nothing is granted before the first `read`. The other end is not trusted to keep to it.
 */
export class PortDuplex implements Duplex {
  readonly #port: MessagePort;
  readonly #other: (message: unknown) => boolean;
  readonly #chunks: Uint8Array[] = [];
  /** What we have granted and have not received. */
  #granted = 0;
  /** What has been received and taken, and not yet been granted anew. */
  #taken = 0;
  #credit = 0;
  #inboundEnded = false;
  #outboundEnded = false;
  #error: TaborError | undefined;
  #changed: (() => void)[] = [];

  /** @param other takes messages that are not of the stream; false: they do not belong here, and the stream breaks. */
  constructor(port: MessagePort, other: (message: unknown) => boolean = () => false) {
    this.#port = port;
    this.#other = other;
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.#receive(data);
    };
    // Browsers that tell it do so when the other end is gone: a service worker that was ended, a page that was closed.
    port.addEventListener("close", () => {
      if (!this.#inboundEnded || !this.#outboundEnded) this.#break(gone());
    });
    port.start();
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#taken += chunk.length;
        this.#grant();
        return chunk;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#inboundEnded) return null;
      this.#grant();
      await this.#change();
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      await this.#untilCredit();
      const piece = bytes.slice(offset, offset + Math.min(PIECE, this.#credit));
      offset += piece.length;
      this.#credit -= piece.length;
      this.#send({ type: "data", bytes: piece }, [piece.buffer]);
    }
  }

  end(): void {
    if (this.#outboundEnded || this.#error !== undefined) return;
    this.#outboundEnded = true;
    this.#send({ type: "end" });
    this.#closeIfDone();
  }

  abort(error: TaborError): void {
    if (this.#error !== undefined || (this.#inboundEnded && this.#outboundEnded)) return;
    this.#send({ type: "abort", error: toPlainError(error) });
    this.#break(error);
  }

  /** Calls `listener`, once, when the stream breaks; at once if it has. */
  onBroken(listener: (error: TaborError) => void): void {
    void this.#untilBroken().then(listener);
  }

  async #untilBroken(): Promise<TaborError> {
    while (this.#error === undefined) await this.#change();
    return this.#error;
  }

  async #untilCredit(): Promise<void> {
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#outboundEnded) throw new TaborError("usage", "here", "write after end");
      if (this.#credit > 0) return;
      await this.#change();
    }
  }

  #receive(data: unknown): void {
    if (this.#error !== undefined) return;
    const piece = parsePiece(data);
    try {
      if (piece !== undefined) this.#take(piece);
      else if (!this.#other(data)) throw new TaborError("malformed", "here", "a message that makes no sense");
    } catch (thrown) {
      this.abort(toTaborError(thrown, "here", "reading a message"));
    }
    this.#wake();
  }

  #take(piece: PieceMessage): void {
    switch (piece.type) {
      case "credit":
        this.#credit += piece.bytes;
        return;
      case "data":
        this.#granted -= piece.bytes.length;
        if (this.#granted < 0 || this.#inboundEnded)
          throw new TaborError("protocol", "here", "more bytes than were asked for");
        if (piece.bytes.length > 0) this.#chunks.push(piece.bytes);
        return;
      case "end":
        this.#inboundEnded = true;
        this.#closeIfDone();
        return;
      case "abort":
        this.#break(fromPlainError(piece.error));
        return;
    }
  }

  /** In large steps: a message for each piece that is taken would double their number. */
  #grant(): void {
    const wanted =
      this.#granted === 0 && this.#taken === 0 && this.#chunks.length === 0 ? WINDOW : this.#taken;
    if (wanted < WINDOW / 2 || this.#inboundEnded || this.#error !== undefined) return;
    this.#taken = 0;
    this.#granted += wanted;
    this.#send({ type: "credit", bytes: wanted });
  }

  #send(piece: PieceMessage, transfer: Transferable[] = []): void {
    this.#port.postMessage(piece, transfer);
  }

  #break(error: TaborError): void {
    this.#error ??= error;
    this.#chunks.length = 0;
    this.#port.close();
    this.#wake();
  }

  /** The last message is under way when the port is closed, and still arrives. */
  #closeIfDone(): void {
    if (this.#inboundEnded && this.#outboundEnded) this.#port.close();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}

function gone(): TaborError {
  return new TaborError("closed", "here", "the other side is gone");
}
