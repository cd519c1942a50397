import { workerPrelude } from "@tabor/browsing/page";
import type { PageAddresses } from "../addresses.ts";
import type { HookContext } from "../context.ts";
import type { Connect } from "../engine-line.ts";
import { holderOf, prototypeOf, valueOf } from "../context.ts";
import {
  attempt,
  getterOf,
  mapConstruction,
  mapReturned,
  methodOf,
  pinned,
  replaceMethod,
  text,
  type Method,
} from "../wrap.ts";

const { Blob } = globalThis;

/** A worker's first message: it wants a line to the engine, as it has no service worker to ask. */
const LINE_WANTED = "tabor-line-wanted";

/**
 * Workers get the hooks before their own script: from the engine where the script comes from a site, from here where the page made it
 * (`blob:`, `data:`).
 */
export function installWorkers(context: HookContext): void {
  const { scope, addresses, base } = context;
  const blobs = new BlobUrls(scope);
  const portOf = getterOf(prototypeOf(scope, "SharedWorker") ?? {}, "port");
  for (const name of ["Worker", "SharedWorker"]) {
    mapConstruction(scope, name, (args, build) => {
      const [written, options] = [text(args[0]), args[1]];
      const own = blobs.of(written);
      const worker =
        own === undefined
          ? build([addresses.request(written, "worker", base()), ...args.slice(1)])
          : blobs.during(withHooks(own, addresses, typeOf(options)), (url) => build([url, ...args.slice(1)]));
      passOn(context, name === "Worker" ? worker : (portOf(worker) as object));
      return { built: worker };
    });
  }
}

function withHooks(script: Blob, { config, viewOrigin }: PageAddresses, type: WorkerType): Blob {
  return new Blob([`${workerPrelude(config, type, viewOrigin)}\n`, script], { type: "text/javascript" });
}

function typeOf(options: unknown): WorkerType {
  const isModule =
    typeof options === "object" && options !== null && "type" in options && options.type === "module";
  return isModule ? "module" : "classic";
}

/** Before any listener of the page: what the worker's hooks ask for never reaches it. @param from a worker, or a shared one's port. */
function passOn({ engine }: HookContext, from: object): void {
  methodOf(EventTarget.prototype, "addEventListener")(from, "message", (event: MessageEvent<unknown>) => {
    const [port] = event.ports;
    if (event.data !== LINE_WANTED || port === undefined) return;
    event.stopImmediatePropagation();
    engine.connect({ type: "tabor-page", page: engine.page }, port);
  });
}

/** What the page's `blob:` addresses stand for: a browser tells only to who fetches, and later. */
class BlobUrls {
  readonly #blobs = pinned(new Map<string, Blob>());
  readonly #create: (blob: Blob) => string;
  readonly #revoke: (url: string) => void;

  constructor(scope: typeof globalThis) {
    const urls = (valueOf(scope, "URL") as object | undefined) ?? {};
    const create = methodOf(urls, "createObjectURL") as Method<string>;
    const revoke = methodOf(urls, "revokeObjectURL") as Method<undefined>;
    this.#create = (blob) => create(urls, blob);
    this.#revoke = (url) => revoke(urls, url);
    const blob = prototypeOf(scope, "Blob");
    mapReturned(urls, "createObjectURL", (url, _self, [source]) => {
      if (blob?.isPrototypeOf(source as object) === true) this.#blobs.set(url as string, source as Blob);
      return url;
    });
    replaceMethod(urls, "revokeObjectURL", ({ args, native }) => {
      native();
      attempt(() => this.#blobs.delete(text(args[0])), false);
    });
  }

  /** undefined: nothing that the page made itself. */
  of(url: string): Blob | undefined {
    return /^data:/i.test(url) ? attempt(() => dataBlob(url), undefined) : this.#blobs.get(url);
  }

  /** A browser takes what an address stands for when it is used; it may be revoked right after. */
  during<T>(blob: Blob, use: (url: string) => T): T {
    const url = this.#create(blob);
    try {
      return use(url);
    } finally {
      this.#revoke(url);
    }
  }
}

/** What a `data:` address carries (Fetch §6); its character encoding is taken for UTF-8. */
export function dataBlob(url: string): Blob {
  const comma = url.indexOf(",");
  if (comma < 0) throw new TypeError("not a data: address");
  const isBase64 = /;\s*base64\s*$/i.test(url.slice(0, comma));
  const bytes = percentDecoded(url.slice(comma + 1).replace(/#.*$/s, ""));
  if (!isBase64) return new Blob([bytes]);
  const binary = atob(new TextDecoder("latin1").decode(bytes));
  return new Blob([Uint8Array.from(binary, (character) => character.charCodeAt(0))]);
}

function percentDecoded(written: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(written);
  const decoded = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const hex =
      bytes[at] === 0x25
        ? /^[0-9a-f]{2}$/i.exec(String.fromCharCode(...bytes.subarray(at + 1, at + 3)))
        : null;
    decoded[length++] = hex === null ? (bytes[at] ?? 0) : parseInt(hex[0], 16);
    if (hex !== null) at += 2;
  }
  return decoded.slice(0, length);
}

/**
 * In a worker: through the page that began it. A shared one asks the first page that connects, on the port that the two talk on; it is
 * passed on once the page listens there.
 */
export function throughPage(scope: typeof globalThis): Connect {
  const post = methodOf(holderOf(scope, "postMessage") ?? scope, "postMessage") as Method<undefined>;
  const ask = methodOf(MessagePort.prototype, "postMessage") as Method<undefined>;
  return (_hello, port) => {
    if ("DedicatedWorkerGlobalScope" in scope) {
      post(scope, LINE_WANTED, [port]);
      return true;
    }
    scope.addEventListener(
      "connect",
      (event) => {
        ask((event as MessageEvent).ports[0], LINE_WANTED, [port]);
      },
      { once: true },
    );
    return "SharedWorkerGlobalScope" in scope;
  };
}
