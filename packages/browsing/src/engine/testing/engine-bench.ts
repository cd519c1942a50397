import { concat } from "@tabor/onion-core";
import { SeededRandom, VirtualClock } from "@tabor/onion-core/testing";
import { rewriteCss, rewriteHtml } from "@tabor/rewrite";
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

type Options = Partial<
  Pick<ViewRequestMessage, "method" | "destination" | "fields" | "reload" | "traversed">
> & {
  readonly body?: string;
};

/** An engine over scripted sites, asked as the service worker asks. */
export class EngineBench {
  readonly fetcher: ScriptedFetcher;
  readonly clock = new VirtualClock();
  readonly engine: BrowserEngine;
  readonly events: EngineEvent[] = [];
  readonly saved: { readonly download: Download; readonly bytes: Uint8Array }[] = [];

  constructor(sites: Readonly<Record<string, Script[]>>) {
    this.fetcher = new ScriptedFetcher(sites);
    this.engine = new BrowserEngine({
      fetcher: this.fetcher,
      rewriter: { html: rewriteHtml, css: rewriteCss },
      saver: { save: (download, bytes) => this.#save(download, bytes) },
      clock: this.clock,
      random: new SeededRandom(1),
      viewOrigin: VIEW,
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

  /** Asks for an address of the view, absolute or relative. */
  ask(address: string, { body, ...options }: Options = {}): Promise<Shown> {
    const { pathname, search, hash } = new URL(address, VIEW);
    const query = search === "" && address.replace(/#.*/, "").endsWith("?") ? "?" : search;
    const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
    const message: ViewRequestMessage = {
      ...{ type: "view-request", method: "GET", fields: {}, destination: "iframe" },
      ...{ reload: false, traversed: false, fragment: hash },
      ...options,
      ...{ token: pathname.replace("/~v/", ""), query },
      ...(bytes === undefined ? {} : { bodyLength: bytes.length }),
    };
    const { port1, port2 } = new MessageChannel();
    const shown = answerOn(port1, bytes ?? new Uint8Array(0));
    this.engine.serve(message, port2);
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
