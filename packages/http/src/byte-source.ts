import type { Duplex } from "@tabor/onion-core";
import { cutShort, malformed, tooLarge } from "./errors.ts";
import type { Watch } from "./watch.ts";

const LF = 0x0a;
const CR = 0x0d;

/**
 * Reads a `Duplex` by lines and by lengths. It holds at most one piece that the stream delivered, and a line up to the
 * caller's bound; each wait for the site is under `watch`.
 */
export class ByteSource {
  readonly #stream: Duplex;
  readonly #watch: Watch;
  #piece: Uint8Array = new Uint8Array(0);
  /** A read that was begun before anything was asked for. */
  #ahead: Promise<Uint8Array | null> | undefined;
  #taken = 0;

  constructor(stream: Duplex, watch: Watch) {
    this.#stream = stream;
    this.#watch = watch;
  }

  /** How many bytes have come and were taken, or wait to be. */
  get received(): number {
    return this.#taken + this.#piece.length;
  }

  /** Bytes have come that nobody has asked for. */
  get hasSurplus(): boolean {
    return this.#piece.length > 0;
  }

  /** The next 1…`max` bytes, or null at the end. */
  async read(max: number): Promise<Uint8Array | null> {
    if (this.#piece.length === 0 && !(await this.#fill())) return null;
    return this.#take(Math.min(max, this.#piece.length));
  }

  /**
   * A line without its CRLF (a lone LF is taken too, RFC 9112 §2.2), as Latin-1.
   * @throws resource-limit for a line longer than `max` bytes, malformed for a CR or NUL inside, closed at the end.
   */
  async line(max: number, what: string): Promise<string> {
    let text = "";
    for (;;) {
      if (this.#piece.length === 0 && !(await this.#fill())) throw cutShort(what);
      const end = this.#piece.indexOf(LF);
      const part = this.#take(end < 0 ? this.#piece.length : end + 1);
      if (text.length + part.length > max + 2) throw tooLarge(what);
      text += latin1(part);
      if (end >= 0) return withoutLineEnd(text, what);
    }
  }

  /** Begins to read although nothing is due, and so hears of bytes and of the end as soon as they come. */
  listen(heard: () => void): void {
    this.#ahead ??= this.#stream.read();
    this.#ahead.then(heard, heard);
  }

  async #fill(): Promise<boolean> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const piece = await this.#watch.over(() => ahead ?? this.#stream.read());
    if (piece === null) return false;
    this.#piece = piece;
    return true;
  }

  #take(length: number): Uint8Array {
    const taken = this.#piece.subarray(0, length);
    this.#piece = this.#piece.subarray(length);
    this.#taken += length;
    return taken;
  }
}

function withoutLineEnd(text: string, what: string): string {
  const line = text.charCodeAt(text.length - 2) === CR ? text.slice(0, -2) : text.slice(0, -1);
  // A lone CR or a NUL means different things to different parsers: the raw material of response splitting.
  if (/[\r\0]/.test(line)) throw malformed(`control characters in ${what}`);
  return line;
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let offset = 0; offset < bytes.length; offset += 8192) {
    text += String.fromCharCode(...bytes.subarray(offset, offset + 8192));
  }
  return text;
}
