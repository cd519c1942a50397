import { MAX_SOCKET_MESSAGE, type SocketMessage, type SocketNews } from "@tabor/browsing/page";
import type { HookContext } from "../context.ts";
import { valueOf } from "../context.ts";
import { disguiseAs, text } from "../wrap.ts";
import { isToken, validClose } from "./socket-rules.ts";

/** Bytes that the engine may send before we have handed them on. */
const WINDOW = 1 << 20;

type Outgoing = Extract<SocketMessage, { type: "text" | "binary" }>;

interface Message {
  /** Bytes; of text, in UTF-8. */
  readonly size: number;
  readonly whole: Promise<Outgoing>;
}

/**
 * `WebSocket` (WebSockets Standard) over a port to the engine, which speaks RFC 6455 through the onion. The browser's own could only fail:
 * nothing that it connects to is the view's.
 */
export function installSocket(context: HookContext): void {
  const { scope } = context;
  const native = valueOf(scope, "WebSocket") as { prototype: object } | undefined;
  if (native === undefined) return;
  line = context;
  // A minifier may have taken it.
  Object.defineProperty(WebSocket, "name", { value: "WebSocket", configurable: true });
  disguise(WebSocket, native);
  disguise(WebSocket.prototype, native.prototype);
  Object.defineProperty(scope, "WebSocket", {
    value: WebSocket,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

/** Texts of functions, and what is enumerable, are the native's. */
function disguise(ours: object, native: object): void {
  disguiseAs(ours, native);
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(ours))) {
    const like = Reflect.getOwnPropertyDescriptor(native, name);
    if (like === undefined || !descriptor.configurable) continue;
    Object.defineProperty(ours, name, { enumerable: like.enumerable ?? false });
    const { value, get, set } = like as Readonly<Record<string, unknown>>;
    const own = descriptor as Readonly<Record<string, unknown>>;
    disguiseFunction(own["value"], value);
    disguiseFunction(own["get"], get);
    disguiseFunction(own["set"], set);
  }
}

function disguiseFunction(ours: unknown, native: unknown): void {
  if (typeof ours === "function" && typeof native === "function") disguiseAs(ours, native);
}

/** Of the realm that was hooked last; a page's frames share what matters of it. */
let line: HookContext | undefined;
const encoder = new TextEncoder();
const later = globalThis.setTimeout.bind(globalThis);

class WebSocket extends EventTarget {
  readonly #url: string;
  readonly #port: MessagePort | undefined;
  readonly #handlers = new Map<string, { handler: unknown; listener: (event: Event) => void }>();
  /** Of all that was sent so far, in order. */
  #sent = Promise.resolve();
  #credit = 0;
  #creditGiven: (() => void) | undefined;
  #buffered = 0;
  #taken = 0;
  #state = 0;
  readonly #extensions: string = "";
  #protocol = "";
  #binaryType: BinaryType = "blob";

  constructor(url?: string | URL, protocols: string | readonly string[] = []) {
    super();
    if (url === undefined) throw new TypeError("Failed to construct 'WebSocket': 1 argument required.");
    const wanted = (typeof protocols === "string" ? [protocols] : [...protocols]).map(text);
    const address = line?.addresses.socket(text(url), line.base());
    if (address === undefined) throw new DOMException(`The URL '${text(url)}' is invalid.`, "SyntaxError");
    if (!wanted.every(isToken) || new Set(wanted.map((one) => one.toLowerCase())).size < wanted.length)
      throw new DOMException("The subprotocols are invalid or duplicated.", "SyntaxError");
    this.#url = address;
    this.#port = line?.engine.channel({ type: "websocket", url: address, protocols: wanted });
    if (this.#port === undefined) later(() => this.#closed({ code: 1006, reason: "", wasClean: false }), 0);
    else this.#listen(this.#port);
  }

  get url(): string {
    return this.#url;
  }
  get readyState(): number {
    return this.#state;
  }
  get bufferedAmount(): number {
    return this.#buffered;
  }
  get extensions(): string {
    // None is asked for.
    return this.#extensions;
  }
  get protocol(): string {
    return this.#protocol;
  }
  get binaryType(): BinaryType {
    return this.#binaryType;
  }
  set binaryType(type: BinaryType) {
    if (/^(?:blob|arraybuffer)$/.test(text(type))) this.#binaryType = type;
  }
  get onopen(): unknown {
    return this.#handler("open");
  }
  set onopen(handler: unknown) {
    this.#handle("open", handler);
  }
  get onmessage(): unknown {
    return this.#handler("message");
  }
  set onmessage(handler: unknown) {
    this.#handle("message", handler);
  }
  get onerror(): unknown {
    return this.#handler("error");
  }
  set onerror(handler: unknown) {
    this.#handle("error", handler);
  }
  get onclose(): unknown {
    return this.#handler("close");
  }
  set onclose(handler: unknown) {
    this.#handle("close", handler);
  }

  send(data: unknown): void {
    if (this.#state === 0) throw new DOMException("Still in CONNECTING state.", "InvalidStateError");
    const message = outgoing(data);
    this.#buffered += message.size;
    if (this.#state !== 1) return;
    if (message.size > MAX_SOCKET_MESSAGE) this.#tooLong();
    else this.#sent = this.#sent.then(() => this.#send(message)).catch(() => undefined);
  }

  close(code?: number, reason = ""): void {
    const valid = validClose(code, encoder.encode(text(reason)).length);
    if (valid !== true) throw new DOMException(valid.message, valid.name);
    if (this.#state >= 2) return;
    this.#state = 2;
    void this.#sent.then(() => {
      this.#post({ type: "close", ...(code === undefined ? {} : { code }), reason: text(reason) });
    });
  }

  #handler(type: string): unknown {
    return this.#handlers.get(type)?.handler ?? null;
  }

  #handle(type: string, handler: unknown): void {
    const before = this.#handlers.get(type);
    if (before !== undefined && typeof handler === "function") {
      before.handler = handler;
      return;
    }
    if (before !== undefined) this.removeEventListener(type, before.listener);
    this.#handlers.delete(type);
    if (typeof handler !== "function") return;
    const entry = {
      handler: handler as unknown,
      listener: (event: Event) => {
        Reflect.apply(entry.handler as (event: Event) => void, this, [event]);
      },
    };
    this.#handlers.set(type, entry);
    this.addEventListener(type, entry.listener);
  }

  #listen(port: MessagePort): void {
    port.onmessage = ({ data }: MessageEvent<SocketNews>) => {
      this.#take(data);
    };
    port.addEventListener("close", () => this.#closed({ code: 1006, reason: "", wasClean: false }));
    this.#post({ type: "credit", bytes: WINDOW });
  }

  #take(news: SocketNews): void {
    if (this.#state === 3) return;
    switch (news.type) {
      case "opened":
        this.#state = this.#state === 0 ? 1 : this.#state;
        this.#protocol = news.protocol;
        this.dispatchEvent(new Event("open"));
        return;
      case "credit":
        this.#credit += news.bytes;
        this.#creditGiven?.();
        return;
      case "text":
        this.#received(news.text, encoder.encode(news.text).length);
        return;
      case "binary":
        this.#received(
          this.#binaryType === "blob" ? new Blob([news.bytes]) : wholeBuffer(news.bytes),
          news.bytes.length,
        );
        return;
      case "closed":
        this.#closed(news);
        return;
    }
  }

  #received(data: unknown, size: number): void {
    if (this.#state === 1)
      this.dispatchEvent(new MessageEvent("message", { data, origin: new URL(this.#url).origin }));
    this.#taken += size;
    if (this.#taken < WINDOW / 2) return;
    this.#post({ type: "credit", bytes: this.#taken });
    this.#taken = 0;
  }

  #closed({
    code,
    reason,
    wasClean,
  }: Pick<Extract<SocketNews, { type: "closed" }>, "code" | "reason" | "wasClean">): void {
    if (this.#state === 3) return;
    this.#state = 3;
    this.#port?.close();
    this.#creditGiven?.();
    if (!wasClean) this.dispatchEvent(new Event("error"));
    this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean }));
  }

  async #send({ size, whole }: Message): Promise<void> {
    const message = await whole;
    while (this.#credit <= 0 && this.#state < 3)
      await new Promise<void>((resolve) => (this.#creditGiven = resolve));
    if (this.#state === 3) return;
    this.#credit -= size;
    this.#buffered -= size;
    this.#post(message);
  }

  #tooLong(): void {
    this.#post({ type: "close", code: 1009, reason: "" });
    this.#closed({ code: 1006, reason: "", wasClean: false });
  }

  #post(message: SocketMessage): void {
    if (this.#state < 3) this.#port?.postMessage(message);
  }
}

function outgoing(data: unknown): Message {
  if (data instanceof Blob) {
    return {
      size: data.size,
      whole: data.arrayBuffer().then((buffer) => ({ type: "binary", bytes: new Uint8Array(buffer) })),
    };
  }
  const bytes = bytesOf(data);
  if (bytes !== undefined) return { size: bytes.length, whole: Promise.resolve({ type: "binary", bytes }) };
  const string = text(data);
  return { size: encoder.encode(string).length, whole: Promise.resolve({ type: "text", text: string }) };
}

for (const target of [WebSocket, WebSocket.prototype])
  ["CONNECTING", "OPEN", "CLOSING", "CLOSED"].forEach((name, value) => {
    Object.defineProperty(target, name, { value, enumerable: true });
  });
Object.defineProperty(WebSocket.prototype, Symbol.toStringTag, { value: "WebSocket", configurable: true });

/** A copy: the page may change its own at once. */
function bytesOf(data: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  if (!ArrayBuffer.isView(data)) return undefined;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}

function wholeBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer;
}
