/**
 * A label's origin as the hooks find it, without app, engine and network: one server that serves pages with the hooks first, opens what they
 * mint, and a service worker that answers their line.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  HOOKS_PATH,
  openMinted,
  PAGE_KEY_LENGTH,
  PAGE_TOKEN_PATH,
  workerPrelude,
  type HookConfig,
  type PageTokenContent,
} from "@tabor/browsing/page";
import { USER_AGENT } from "../../packages/browsing/src/fetching/request-fields.ts";

const HOOKS = join(import.meta.dirname, "../../apps/web/dist/view", HOOKS_PATH);
const KEY = Buffer.alloc(PAGE_KEY_LENGTH, 7).toString("base64url");

/** The site that the pages believe to be of. */
export const SITE = "https://www.site.test";

export interface Asked {
  /** As the browser asked for it, with its query. */
  readonly path: string;
  readonly destination: string;
  /** What it stands for, if the page minted it. */
  readonly minted: PageTokenContent | undefined;
}

export interface ViewDouble {
  /** `http://<label>.view.localhost:<port>`. */
  readonly origin: string;
  readonly asked: readonly Asked[];
  /** Content by path of the label, or by address of a foreign site. */
  serve(address: string, type: string, body: string): void;
  /** A document with its hooks, at this path. */
  page(path: string, html: string): void;
  close(): Promise<void>;
}

export function configFor(path: string): HookConfig {
  return {
    url: SITE + path,
    page: 7,
    key: KEY,
    cookie: "seen=1",
    referrer: "https://search.test/",
    userAgent: USER_AGENT,
    languages: ["en-US", "en"],
    isFrame: false,
    met: [],
  };
}

export async function startViewDouble(): Promise<ViewDouble> {
  const contents = new Map<string, { readonly type: string; readonly body: string }>();
  const asked: Asked[] = [];
  const hooks = await readFile(HOOKS, "utf8");
  const serve = (address: string, type: string, body: string): void => {
    contents.set(address, { type, body });
  };
  serve(HOOKS_PATH, "text/javascript", hooks);
  serve("/~sw.js", "text/javascript", `(${String(worker)})(self)`);
  serve("/~boot", "text/html", "<title>boot</title>");
  const server = createServer((request, response) => {
    answer(request, response, contents, asked);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    origin: `http://label.view.localhost:${address.port}`,
    asked,
    serve,
    page: (path, html) => {
      const told = JSON.stringify(configFor(path)).replaceAll("&", "&amp;").replaceAll("'", "&#39;");
      serve(
        path,
        "text/html",
        `<!DOCTYPE html><head><script src="${HOOKS_PATH}" data-tabor='${told}'></script>${html}`,
      );
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(
  { url: path = "", headers }: IncomingMessage,
  response: ServerResponse,
  contents: ReadonlyMap<string, { readonly type: string; readonly body: string }>,
  asked: Asked[],
): void {
  const destination = String(headers["sec-fetch-dest"]);
  const minted = mintedAs(path);
  if (!path.startsWith("/~") || minted !== undefined) asked.push({ path, destination, minted });
  const { type, body } = contents.get(minted?.url ?? path) ?? { type: undefined, body: "nothing" };
  // What a module worker imports has its destination too, but is asked for with CORS.
  const isWorker = /^(?:shared)?worker$/.test(destination) && headers["sec-fetch-mode"] !== "cors";
  const prelude = isWorker ? workerPrelude(configFor(path), "classic", `http://${String(headers.host)}`) : "";
  response.writeHead(type === undefined ? 404 : 200, {
    "content-type": type ?? "text/plain",
    // As the view has it: no windows, nothing above the page.
    "content-security-policy": "sandbox allow-scripts allow-same-origin allow-forms",
  });
  response.end(prelude + body);
}

function mintedAs(path: string): PageTokenContent | undefined {
  if (!path.startsWith(PAGE_TOKEN_PATH)) return undefined;
  return openMinted(KEY, path.slice(PAGE_TOKEN_PATH.length).split("?")[0] ?? "");
}

interface WorkerScope {
  addEventListener: (type: string, listener: (event: WorkerEvent) => void) => void;
  skipWaiting: () => Promise<void>;
  clients: { claim: () => Promise<void> };
}
interface WorkerEvent {
  readonly data: { readonly type: string };
  readonly ports: readonly MessagePort[];
  waitUntil: (promise: Promise<unknown>) => void;
}

/** Serialised: the service worker. Tells what it hears on a broadcast channel, and echoes what WebSockets send. */
function worker(scope: WorkerScope): void {
  const heard = new BroadcastChannel("heard");
  scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
  scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
  scope.addEventListener("message", ({ data, ports: [line] }) => {
    heard.postMessage(data);
    if (data.type !== "tabor-page" || line === undefined) return;
    line.onmessage = ({
      data: message,
      ports: [socket],
    }: MessageEvent<{ type: string; cookie?: string }>) => {
      heard.postMessage(message);
      if (message.cookie === "ask=news") line.postMessage({ type: "cookie", cookie: "from=engine" });
      if (socket !== undefined) echo(socket, message as unknown as { url: string; protocols: string[] });
    };
  });
  function echo(socket: MessagePort, { url, protocols }: { url: string; protocols: string[] }): void {
    if (url.includes("refused")) {
      socket.postMessage({ type: "closed", code: 1006, reason: "", wasClean: false });
      return;
    }
    socket.onmessage = ({ data }: MessageEvent<{ type: string; code?: number; reason?: string }>) => {
      if (data.type === "text" || data.type === "binary") socket.postMessage(data);
      if (data.type === "close")
        socket.postMessage({ type: "closed", code: data.code ?? 1005, reason: data.reason, wasClean: true });
    };
    socket.postMessage({ type: "opened", protocol: protocols[0] ?? "" });
    socket.postMessage({ type: "credit", bytes: 100_000 });
  }
}
