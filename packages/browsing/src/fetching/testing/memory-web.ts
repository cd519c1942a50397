import { concat, TaborError, type CircuitInfo, type Duplex, type ExitKind } from "@tabor/onion-core";
import { memoryDuplex } from "@tabor/onion-core/testing";
import type { OnionDuplex, OpenOptions, StreamOpener, TlsClient, TlsInfo } from "../../api.ts";

/** A request as a site reads it. */
export interface Heard {
  readonly method: string;
  readonly target: string;
  /** As they came. */
  readonly lines: readonly string[];
  /** By name in lower case; the last of several. */
  readonly fields: ReadonlyMap<string, string>;
  readonly body: string;
}

/** One stream as its site sees it. */
export class SiteEnd {
  readonly #stream: Duplex;
  #seen: Uint8Array = new Uint8Array(0);

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /** The next request; null when the client is gone. */
  async request(): Promise<Heard | null> {
    const head = await this.#until("\r\n\r\n");
    if (head === null) return null;
    const [start = "", ...lines] = head.slice(0, -4).split("\r\n");
    const [method = "", target = ""] = start.split(" ");
    const fields = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.replace(/^[^:]*: /, "")]),
    );
    const length = Number(fields.get("content-length") ?? 0);
    return { method, target, lines, fields, body: await this.#exactly(length) };
  }

  /** Text as Latin-1 with "\n" as CRLF, or bytes. Returns whether the client still listens. */
  async say(what: string | Uint8Array): Promise<boolean> {
    return this.#stream.write(typeof what === "string" ? wire(what) : what).then(
      () => true,
      () => false,
    );
  }

  end(): void {
    this.#stream.end();
  }

  line(): Promise<string | null> {
    return this.#until("\n");
  }

  async #until(end: string): Promise<string | null> {
    for (;;) {
      const text = latin1(this.#seen);
      const at = text.indexOf(end);
      if (at >= 0) {
        this.#seen = this.#seen.slice(at + end.length);
        return text.slice(0, at + end.length);
      }
      if (!(await this.#more())) return null;
    }
  }

  async #exactly(length: number): Promise<string> {
    while (this.#seen.length < length && (await this.#more()));
    const taken = latin1(this.#seen.slice(0, length));
    this.#seen = this.#seen.slice(length);
    return taken;
  }

  async #more(): Promise<boolean> {
    const bytes = await this.#stream.read().catch(() => null);
    if (bytes === null) return false;
    this.#seen = concat(this.#seen, bytes);
    return true;
  }
}

/** What a site says to a request; undefined: it does something with `end` by itself, or nothing. */
export type Answering = (
  request: Heard,
  end: SiteEnd,
) => string | Uint8Array | undefined | Promise<string | Uint8Array | undefined>;

/** A stream that was opened. */
export interface Opened {
  readonly host: string;
  readonly port: number;
  readonly isolation: string;
  /** To an exit that fetches. */
  readonly fetch: OpenOptions["fetch"] | undefined;
  readonly early: string;
  readonly requests: Heard[];
  /** Breaks the circuit under it. */
  readonly lose: (error?: TaborError) => void;
  readonly isClosed: () => boolean;
}

export const LOST = new TaborError("closed", "relay", "the circuit was destroyed");
const TLS: TlsInfo = {
  version: "TLS 1.3",
  cipherSuite: "TLS_AES_128_GCM_SHA256",
  alpn: "http/1.1",
  certificates: [],
};

/** A web in one memory: sites that answer, the network that leads to them, and TLS that only says hello. */
export class MemoryWeb {
  readonly opened: Opened[] = [];
  exitKind: ExitKind = "stream";
  readonly #sites = new Map<string, Answering | TaborError>();
  /** Hosts that refuse a greeting without AES-256. */
  readonly aes256Only = new Set<string>();
  /** What happens to the opening of streams before anything else; undefined: they open. */
  opening: (target: { readonly host: string; readonly port: number }, options: OpenOptions) => unknown = () =>
    undefined;

  /** @param where "host:port"; `https:` is 443. */
  site(where: string, answering: Answering | TaborError): this {
    this.#sites.set(where, answering);
    return this;
  }

  readonly opener: StreamOpener = {
    exitKind: () => Promise.resolve(this.exitKind),
    open: async (target, options) => {
      options.onProgress?.("Asking the exit", circuit(this.opened.length + 1, options.isolation));
      await this.opening(target, options);
      const site = this.#sites.get(`${target.host}:${String(target.port)}`);
      if (site === undefined) throw new TaborError("refused", "site", "the site refused the connection");
      if (site instanceof TaborError) throw site;
      return this.#stream(target, options, site);
    },
  };

  readonly tls: TlsClient = {
    connect: async (stream, { serverName, alpn, aes256 = false }) => {
      await stream.write(bytesOf(`HELLO ${serverName} ${alpn.join(",")}${aes256 ? " AES-256" : ""}\n`));
      let said = "";
      while (!said.includes("\n")) {
        const bytes = await stream.read();
        if (bytes === null) throw new TaborError("closed", "site", "closed while TLS was agreed on");
        said += latin1(bytes);
      }
      if (said === "UNTRUSTED\n") throw new TaborError("not-authentic", "site", "the certificate is expired");
      if (said !== "WELCOME\n") throw new TaborError("protocol", "site", "the site does not speak TLS");
      return {
        info: TLS,
        read: () => stream.read(),
        write: (bytes) => stream.write(bytes),
        end: () => {
          stream.end();
        },
        abort: (error) => {
          stream.abort(error);
        },
      };
    },
  };

  /** All requests that came, in the order of their streams. */
  get requests(): Heard[] {
    return this.opened.flatMap(({ requests }) => requests);
  }

  /** Streams that have not been closed. */
  get alive(): Opened[] {
    return this.opened.filter(({ isClosed }) => !isClosed());
  }

  async #stream(
    { host, port }: { readonly host: string; readonly port: number },
    { isolation, fetch, early = new Uint8Array(0) }: OpenOptions,
    site: Answering,
  ): Promise<OnionDuplex> {
    const [near, far] = memoryDuplex();
    const state = { closed: false };
    const id = this.opened.length + 1;
    const opened: Opened = {
      host,
      port,
      isolation,
      fetch,
      early: latin1(early),
      requests: [],
      lose: (error = LOST) => {
        near.abort(error);
      },
      isClosed: () => state.closed,
    };
    this.opened.push(opened);
    if (early.length > 0) await near.write(early);
    void serve(new SiteEnd(far), opened, site, this.aes256Only.has(host));
    return {
      circuit: circuit(id, isolation),
      read: () => near.read(),
      write: (bytes) => near.write(bytes),
      end: () => {
        near.end();
      },
      abort: (error) => {
        state.closed = true;
        near.abort(error);
      },
    };
  }
}

async function serve(
  end: SiteEnd,
  { port, fetch, requests }: Opened,
  site: Answering,
  aes256Only: boolean,
): Promise<void> {
  if (port !== 80 && fetch === undefined) {
    const hello = await end.line();
    const agrees = !aes256Only || hello?.endsWith(" AES-256\n") === true;
    await end.say(bytesOf(agrees ? "WELCOME\n" : "REFUSED\n"));
  }
  for (let request = await end.request(); request !== null; request = await end.request()) {
    requests.push(request);
    const answer = await site(request, end);
    if (answer !== undefined) await end.say(answer);
  }
}

function circuit(id: number, isolation: string): CircuitInfo {
  return { id, state: { name: "open" }, hops: [], isolation, streams: 1 };
}

function wire(text: string): Uint8Array {
  return bytesOf(text.replaceAll("\n", "\r\n"));
}

/** Latin-1 */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** A whole answer with its length. */
export function page(body: string, fields = "", status = "200 OK"): string {
  return `HTTP/1.1 ${status}\n${fields === "" ? "" : `${fields}\n`}Content-Length: ${String(body.length)}\n\n${body}`;
}
