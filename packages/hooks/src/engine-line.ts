import type { PageHello, PageMessage, PageNews } from "@tabor/browsing/page";
import { attempt, methodOf, type Method } from "./wrap.ts";

/** Hands a port on to the engine; false: there is nobody who could. */
export type Connect = (hello: PageHello, port: MessagePort) => boolean;

/** The document's line to the engine. Without one nothing fails; the engine learns less. */
export class EngineLine {
  readonly connect: Connect;
  readonly page: number;
  #port: MessagePort | undefined;
  readonly #news: ((news: PageNews) => void)[] = [];
  readonly #makeChannel: () => MessageChannel;
  readonly #post = methodOf(MessagePort.prototype, "postMessage") as Method<undefined>;

  constructor(page: number, connect: Connect) {
    this.page = page;
    this.connect = connect;
    const Channel = MessageChannel;
    this.#makeChannel = () => new Channel();
    this.#open();
  }

  say(message: PageMessage, transfer: readonly Transferable[] = []): void {
    if (this.#port !== undefined) attempt(() => this.#post(this.#port, message, transfer), undefined);
  }

  /** A channel to the engine for one WebSocket; undefined: there is no engine. */
  channel(message: PageMessage): MessagePort | undefined {
    if (this.#port === undefined) return undefined;
    const { port1, port2 } = this.#makeChannel();
    this.say(message, [port2]);
    return port1;
  }

  onNews(listener: (news: PageNews) => void): void {
    this.#news[this.#news.length] = listener;
  }

  #open(): void {
    const { port1, port2 } = this.#makeChannel();
    if (!attempt(() => this.connect({ type: "tabor-page", page: this.page }, port2), false)) return;
    this.#port = port1;
    port1.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (isNews(data)) for (const listener of this.#news) listener(data);
    };
  }
}

function isNews(data: unknown): data is PageNews {
  if (typeof data !== "object" || data === null || !("type" in data)) return false;
  return data.type === "cookie" || data.type === "met";
}

/** Through the page's service worker, which tells the engine whose it is. */
export function throughServiceWorker(scope: typeof globalThis): Connect {
  const container = attempt(
    () => scope.navigator.serviceWorker as ServiceWorkerContainer | undefined,
    undefined,
  );
  const controller =
    container &&
    Reflect.getOwnPropertyDescriptor(Object.getPrototypeOf(container) as object, "controller")?.get;
  const { ServiceWorker: Controller } = scope as { ServiceWorker?: { prototype: object } };
  const post = methodOf(Controller?.prototype ?? {}, "postMessage") as Method<undefined>;
  return (hello, port) => {
    const current =
      controller === undefined ? null : (Reflect.apply(controller, container, []) as object | null);
    if (current === null) return false;
    post(current, hello, [port]);
    return true;
  };
}
