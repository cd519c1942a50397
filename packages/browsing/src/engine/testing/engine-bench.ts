import { concat } from "@tabor/onion-core";
import { SeededRandom, VirtualClock } from "@tabor/onion-core/testing";
import { rewriteCss, rewriteHtml, rewriteModule, rewriteXml } from "@tabor/rewrite";
import type { Download, EngineEvent, TabId } from "../../api.ts";
import { parseViewAnswer, type ViewRequestMessage } from "../../view/messages.ts";
import { PortDuplex } from "../../view/port-duplex.ts";
import { BrowserEngine } from "../browser-engine.ts";
import { ScriptedFetcher, type Script } from "./scripted-fetcher.ts";

export const TAB = "tab-1" as TabId;
export const VIEW = "https://view.test";

export interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

type Options = Partial<Omit<ViewRequestMessage, "type" | "path" | "fields" | "bodyLength">> & {
  readonly fields?: { readonly range?: string; readonly contentType?: string; readonly other?: string };
  readonly body?: string;
};

/** An engine over scripted sites, asked as the service worker asks. */
export class EngineBench {
  readonly fetcher: ScriptedFetcher;
  readonly clock = new VirtualClock();
  readonly engine: BrowserEngine;
  readonly events: EngineEvent[] = [];
  /** Origins of the view that frames were led to. */
  readonly prepared: string[] = [];
  readonly saved: { readonly download: Download; readonly bytes: Uint8Array }[] = [];

  constructor(sites: Readonly<Record<string, Script[]>>) {
    this.fetcher = new ScriptedFetcher(sites);
    this.engine = new BrowserEngine({
      fetcher: this.fetcher,
      rewriter: { html: rewriteHtml, css: rewriteCss, module: rewriteModule, xml: rewriteXml },
      saver: { save: (download, bytes) => this.#save(download, bytes) },
      clock: this.clock,
      random: new SeededRandom(1),
      viewOrigin: VIEW,
      prepareView: (origin) => {
        this.prepared.push(origin);
        return Promise.resolve();
      },
    });
    this.engine.subscribe((event) => this.events.push(event));
    this.engine.openTab(TAB, "safest");
  }

  /** Types an address, as the frame asks for it. */
  async go(url: string, insecure = false): Promise<Shown> {
    return this.ask(await this.engine.viewUrl(TAB, { url, insecure }));
  }

  /** Follows a link or sends a form of the page that is shown: the frame is led to what comes of it. */
  async follow(address: string, options: Options = {}): Promise<Shown> {
    const before = this.of("lead").length;
    const { status } = await this.ask(address, options);
    const [lead, ...more] = this.of("lead").slice(before);
    if (status !== 204 || lead === undefined || more.length > 0) throw new Error("led nowhere");
    return this.ask(lead.address);
  }

  /** Asks for an address of the view, absolute or relative; of a label if it is absolute and says so. */
  ask(address: string, { body, fields = {}, ...options }: Options = {}): Promise<Shown> {
    const { origin, pathname, search, hash } = new URL(address, VIEW);
    const query = search === "" && address.replace(/#.*/, "").endsWith("?") ? "?" : search;
    const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
    const destination = options.destination ?? "iframe";
    const message: ViewRequestMessage = {
      ...{ type: "view-request", method: "GET", destination, fields: fieldsOf(fields) },
      mode: destination === "iframe" ? "navigate" : "no-cors",
      ...{ credentials: "include", redirect: destination === "iframe" ? "manual" : "follow" },
      ...{ client: "", resultingClient: "", reload: false, traversed: false, fragment: hash },
      ...options,
      path: pathname + query,
      ...(bytes === undefined ? {} : { bodyLength: bytes.length }),
    };
    const { port1, port2 } = new MessageChannel();
    const shown = answerOn(port1, bytes ?? new Uint8Array(0));
    this.engine.serve(message, port2, origin);
    return shown;
  }

  /** The events of one kind so far. */
  of<T extends EngineEvent["type"]>(type: T): Extract<EngineEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<EngineEvent, { type: T }> => event.type === type);
  }

  async #save(download: Download, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of bytes) pieces.push(piece);
    this.saved.push({ download, bytes: concat(...pieces) });
  }
}

function fieldsOf({ range, contentType, other }: NonNullable<Options["fields"]>): [string, string][] {
  const all = { range, "content-type": contentType, "x-other": other };
  return Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

function answerOn(port: MessagePort, body: Uint8Array): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const stream: PortDuplex = new PortDuplex(port, (said) => {
      const answer = parseViewAnswer(said);
      if (answer?.type === "unknown") reject(new Error("unknown token"));
      if (answer?.type === "answer") resolve(read(stream, answer));
      return answer !== undefined;
    });
    stream.onBroken(reject);
    void stream.write(body).then(() => {
      stream.end();
    });
  });
}

async function read(
  stream: PortDuplex,
  { status, headers }: { readonly status: number; readonly headers: [string, string][] },
): Promise<Shown> {
  const pieces: Uint8Array[] = [];
  for (let piece = await stream.read(); piece !== null; piece = await stream.read()) pieces.push(piece);
  return { status, headers: new Headers(headers), text: new TextDecoder().decode(concat(...pieces)) };
}
