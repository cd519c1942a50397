/** The engine's worker: TLS, HTTP and rewriting, away from the thread that draws and relays (docs/decisions/0008). */
import { BrowserEngine, SiteFetcher } from "@tabor/browsing";
import { TaborError, toTaborError } from "@tabor/onion-core";
import { systemClock as clock, systemRandom as random } from "@tabor/platform";
import { rewriteCss, rewriteHtml, rewriteModule, rewriteXml } from "@tabor/rewrite";
import { brotliWasm, lazyTls } from "./assets.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { fromPlain, toPlain } from "./plain.ts";
import { RemoteOpener } from "./remote-opener.ts";
import { remoteSaver } from "./remote-saver.ts";
import { RemoteViews } from "./remote-views.ts";

let engine: BrowserEngine | undefined;
const opener = new RemoteOpener(tell);
const views = new RemoteViews(tell);

onmessage = ({ data, ports }: MessageEvent<unknown>): void => {
  const message = fromPlain(data) as ToWorker;
  if (message.type === "start") engine = start(message.viewOrigin);
  else if (engine !== undefined) obey(message, engine, ports);
};

function tell(message: FromWorker, ports: readonly MessagePort[] = []): void {
  postMessage(toPlain(message), { transfer: [...ports] });
}

function start(viewOrigin: string): BrowserEngine {
  const fetcher = new SiteFetcher({ opener, tls: lazyTls({ clock, random }), clock, random, brotliWasm });
  const rewriter = { html: rewriteHtml, css: rewriteCss, module: rewriteModule, xml: rewriteXml };
  const started = new BrowserEngine({
    fetcher,
    rewriter,
    saver: remoteSaver(tell),
    clock,
    random,
    viewOrigin,
    prepareView: (origin) => views.prepare(origin),
  });
  started.subscribe((event) => {
    tell({ type: "event", event });
  });
  return started;
}

function obey(
  message: Exclude<ToWorker, { type: "start" }>,
  to: BrowserEngine,
  [port]: readonly MessagePort[],
): void {
  switch (message.type) {
    case "open-tab":
      to.openTab(message.tab, message.level);
      return;
    case "close-tab":
      to.closeTab(message.tab);
      return;
    case "view-url":
      void viewUrl(message, to);
      return;
    case "url-of": {
      const { id } = message;
      void to.urlOf(message.tab, message.address).then((url) => {
        tell({ type: "url-of", id, url });
      });
      return;
    }
    case "stop":
      to.stop(message.tab);
      return;
    case "new-circuit":
      to.newCircuitForSite(message.tab);
      return;
    case "new-identity":
      to.newIdentity();
      return;
    case "download":
      to.download(message.download, message.action);
      return;
    case "view":
      if (port !== undefined) answerOn(port, to, message.origin);
      return;
    case "view-prepared":
      views.heard(message);
      return;
    case "allow-standard":
      to.allowStandard();
      return;
    case "allow-fetch-exits":
      opener.fetchExits = message.areAllowed;
      return;
  }
}

async function viewUrl(
  { id, tab, url, insecure }: Extract<ToWorker, { type: "view-url" }>,
  to: BrowserEngine,
): Promise<void> {
  try {
    tell({ type: "view-url", id, result: { ok: true, value: await to.viewUrl(tab, { url, insecure }) } });
  } catch (thrown) {
    tell({
      type: "view-url",
      id,
      result: { ok: false, error: toTaborError(thrown, "here", "opening a page") },
    });
  }
}

/** What comes here is from the view's origin: nothing in it is believed. */
function answerOn(view: MessagePort, to: BrowserEngine, origin: string): void {
  view.onmessage = ({ data, ports: [port] }: MessageEvent<unknown>) => {
    try {
      if (port !== undefined) to.serve(data, port, origin);
    } catch (thrown) {
      if (!(thrown instanceof TaborError)) throw thrown;
      port?.close();
    }
  };
}
