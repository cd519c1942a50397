import { concat, TaborError, type Duplex, type Random } from "@tabor/onion-core";
import {
  MAX_SOCKET_MESSAGE,
  parseSocketMessage,
  type SocketMessage,
  type SocketNews,
} from "../../page/index.ts";
import type { OpenedSocket } from "../../fetching/web-socket.ts";
import { encodeFrame, FrameReader, OPCODE, type Frame } from "./frames.ts";

/** Bytes that a page may send before they are on their way. */
const WINDOW = 1 << 20;
/** The largest piece of a message that is sent at once. */
const PIECE = 1 << 16;

type Closing = Pick<Extract<SocketNews, { type: "closed" }>, "code" | "reason" | "wasClean">;

/** RFC 6455 §7.1.5: nobody said anything. */
const LOST: Closing = { code: 1006, reason: "", wasClean: false };

/** One WebSocket of a page: frames to the site (RFC 6455), whole messages to the page, neither faster than they are taken. */
export class WebSocketLine {
  readonly #port: MessagePort;
  readonly #random: Random;
  readonly #outgoing: Frame[] = [];
  #stream: Duplex | undefined;
  #credit = 0;
  #changed: (() => void)[] = [];
  #isWriting = false;
  #isOver = false;
  #closing: Closing | undefined;

  /** @param port to the hooks. */
  constructor(port: MessagePort, random: Random) {
    this.#port = port;
    this.#random = random;
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.#hear(data);
    };
    port.addEventListener("close", () => {
      this.#end(LOST);
    });
    port.start();
  }

  /** Never throws. @param open opens the connection, until the signal is aborted. */
  async run(open: (signal: AbortSignal) => Promise<OpenedSocket>): Promise<void> {
    const ending = new AbortController();
    this.#onOver(() => {
      ending.abort();
    });
    try {
      const { stream, protocol } = await open(ending.signal);
      this.#stream = stream;
      if (this.#isOver) stream.abort(withdrawn());
      this.#say({ type: "opened", protocol });
      this.#say({ type: "credit", bytes: WINDOW });
      await this.#receive(stream);
      this.#end(this.#closing ?? LOST);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #onOver(listener: () => void): void {
    const wait = async (): Promise<void> => {
      while (!this.#isOver) await this.#change();
      listener();
    };
    void wait();
  }

  #hear(data: unknown): void {
    try {
      const message = parseSocketMessage(data);
      if (message.type === "credit") this.#credit += message.bytes;
      else this.#send(message);
      this.#wake();
    } catch {
      this.#end(LOST);
    }
  }

  #send(message: Exclude<SocketMessage, { type: "credit" }>): void {
    switch (message.type) {
      case "text":
        this.#queue(OPCODE.text, new TextEncoder().encode(message.text));
        return;
      case "binary":
        this.#queue(OPCODE.binary, message.bytes);
        return;
      case "close":
        if (this.#stream === undefined) this.#end(LOST);
        else this.#queue(OPCODE.close, closePayload(message));
        return;
    }
  }

  #queue(opcode: number, payload: Uint8Array): void {
    const held = this.#outgoing.reduce((sum, frame) => sum + frame.payload.length, 0);
    if (held + payload.length > WINDOW + MAX_SOCKET_MESSAGE)
      throw new TaborError("protocol", "here", "more than may be sent");
    let at = 0;
    do {
      const piece = payload.subarray(at, at + PIECE);
      const isFirst = at === 0;
      at += PIECE;
      const isLast = at >= payload.length;
      this.#outgoing.push({ isLast, opcode: isFirst ? opcode : OPCODE.continuation, payload: piece });
    } while (at < payload.length);
    void this.#write();
  }

  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      for (let frame = this.#outgoing.shift(); frame !== undefined; frame = this.#outgoing.shift()) {
        await this.#stream?.write(encodeFrame(frame, this.#random));
        if (frame.opcode <= OPCODE.binary && frame.payload.length > 0)
          this.#say({ type: "credit", bytes: frame.payload.length });
      }
    } catch {
      this.#end(LOST);
    } finally {
      this.#isWriting = false;
    }
  }

  /** Until the site closes. @throws protocol, resource-limit, malformed for text that is none. */
  async #receive(stream: Duplex): Promise<void> {
    const reader = new FrameReader(MAX_SOCKET_MESSAGE);
    const message = new Assembly();
    for (let piece = await stream.read(); piece !== null; piece = await stream.read()) {
      reader.push(piece);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next())
        if (await this.#take(frame, message)) return;
    }
  }

  /** @returns whether it was the last. */
  async #take(frame: Frame, message: Assembly): Promise<boolean> {
    if (frame.opcode >= OPCODE.close) return this.#control(frame);
    const whole = message.add(frame);
    if (whole !== undefined) await this.#deliver(whole);
    return false;
  }

  #control({ opcode, payload }: Frame): boolean {
    if (opcode === OPCODE.ping) this.#outgoing.unshift({ isLast: true, opcode: OPCODE.pong, payload });
    if (opcode === OPCODE.close) {
      this.#closing = closingOf(payload);
      this.#outgoing.push({ isLast: true, opcode: OPCODE.close, payload: payload.subarray(0, 2) });
    }
    void this.#write();
    return opcode === OPCODE.close;
  }

  async #deliver(message: Extract<SocketNews, { type: "text" | "binary" }>): Promise<void> {
    while (this.#credit <= 0 && !this.#isOver) await this.#change();
    this.#credit -= message.type === "text" ? message.text.length : message.bytes.length;
    this.#say(message);
  }

  #fail(thrown: unknown): void {
    const code = thrown instanceof TaborError && thrown.code === "resource-limit" ? 1009 : 1002;
    if (!this.#isOver && this.#stream !== undefined)
      this.#outgoing.push({
        isLast: true,
        opcode: OPCODE.close,
        payload: closePayload({ code, reason: "" }),
      });
    void this.#write().then(() => {
      this.#end(LOST);
    });
  }

  #end(closing: Closing): void {
    if (this.#isOver) return;
    this.#say({ type: "closed", ...closing });
    this.#isOver = true;
    this.#wake();
    const stream = this.#stream;
    // The answer to a close frame is still under way (RFC 6455 §5.5.1).
    if (closing.wasClean) void this.#write().then(() => stream?.end());
    else stream?.abort(withdrawn());
    this.#port.close();
  }

  #say(news: SocketNews): void {
    if (!this.#isOver) this.#port.postMessage(news);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}

/** A message of one or more frames (RFC 6455 §5.4). */
class Assembly {
  #opcode: number | undefined;
  #pieces: Uint8Array[] = [];
  #length = 0;

  /** @returns the message, if this was its last frame. @throws protocol, resource-limit, malformed. */
  add({ isLast, opcode, payload }: Frame): Extract<SocketNews, { type: "text" | "binary" }> | undefined {
    if ((opcode === OPCODE.continuation) !== (this.#opcode !== undefined))
      throw new TaborError("protocol", "site", "frames out of order");
    this.#opcode ??= opcode;
    this.#pieces.push(payload);
    this.#length += payload.length;
    if (this.#length > MAX_SOCKET_MESSAGE)
      throw new TaborError("resource-limit", "site", "a message that is too long");
    if (!isLast) return undefined;
    const bytes = concat(...this.#pieces);
    const isText = this.#opcode === OPCODE.text;
    this.#opcode = undefined;
    this.#pieces = [];
    this.#length = 0;
    return isText
      ? { type: "text", text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) }
      : { type: "binary", bytes };
  }
}

function closePayload({
  code,
  reason,
}: {
  readonly code?: number | undefined;
  readonly reason: string;
}): Uint8Array {
  if (code === undefined) return new Uint8Array(0);
  const text = new TextEncoder().encode(reason);
  if (text.length > 123) throw new TaborError("protocol", "here", "a reason that is too long");
  return Uint8Array.of(code >> 8, code & 0xff, ...text);
}

/** RFC 6455 §7.1.5 and on; what makes no sense is a protocol error. */
function closingOf(payload: Uint8Array): Closing {
  if (payload.length === 0) return { code: 1005, reason: "", wasClean: true };
  const code = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
  const isMeant =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
  if (payload.length === 1 || !isMeant)
    throw new TaborError("protocol", "site", "a close that makes no sense");
  const reason = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload.subarray(2));
  return { code, reason, wasClean: true };
}

function withdrawn(): TaborError {
  return new TaborError("aborted", "here", "the WebSocket is over");
}
