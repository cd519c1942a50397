import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { BOOT_PATH, FORGET_PATH, WORKER_PATH } from "@tabor/browsing/paths";
import type { Log } from "@tabor/onion-core";
import { NETWORK_INFO_PATH, type NetworkInfo } from "@tabor/signal-protocol";
import { answerText } from "./answer.ts";
import { appHeaders, viewHeaders } from "./headers.ts";
import { hostsOf, type Hosts } from "./hosts.ts";
import { type DocumentListener, type RequestListener, staticSite } from "./static-site.ts";

export interface WebOptions {
  /** What the network is, as it is now. */
  readonly info: () => NetworkInfo;
  /** Origins of other servers that the app may join. */
  readonly servers: readonly string[];
  /** Folder of the built web app: `app` and `view` within it are what the two origins serve. */
  readonly webFolder: string | undefined;
  /** The app is at `app.` and pages are shown from `view.` of this name. */
  readonly site: string;
  /** Origins of other web apps that may read `/tabor.json`. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** What else there is at the app's origin, and at others that are not the view's: answers, or says that it does not. */
  readonly documents?: DocumentListener;
  readonly log: Log;
}

/** What there is at the view's origins. All other paths are of sites, or tell of them: they are in no log. */
const VIEW_FILES: readonly string[] = [BOOT_PATH, FORGET_PATH, WORKER_PATH];
const VIEW_SCRIPT = /^\/~a\/[\w-]+\.js$/;

/** The app frames it when a new identity is taken. What counts is its header; by the frame in it the app sees that it came. */
const FORGET_PAGE = "<!doctype html><title>Tabor forgets</title><iframe></iframe>";

/** Says nothing to who lacks the key; still, it would tell one request from another. */
const TOKEN = /^\/~[vp]\/[\w-]+$/;

/** Everything the directory answers over plain HTTP: what the network is (SPEC §9.1), the web app, and the view's beginnings. */
export function requestListener(options: WebOptions): RequestListener {
  const { site, servers, log } = options;
  const ofApp = appHeaders(site, servers);
  const app = staticSite({ folder: folder(options, "app"), page: "index.html", hashed: "/assets/" });
  // The hooks' script has no hash, and need not: the origin that asks for it is new with each start of the app.
  const view = staticSite({ folder: folder(options, "view"), page: "~boot.html", hashed: "/~a/" });
  const withDocuments = (then: RequestListener): RequestListener => {
    const { documents = () => false } = options;
    return (request, response) => {
      if (!documents(request, response)) then(request, response);
    };
  };
  const withInfo = (then: RequestListener): RequestListener => {
    const answerInfo = networkInfo(options);
    return (request, response) => {
      (request.url === NETWORK_INFO_PATH ? answerInfo : then)(request, response);
    };
  };
  const answers: Readonly<Record<Hosts["asked"], RequestListener>> = {
    app: withHeaders(ofApp, withDocuments(readOnly(withInfo(app)))),
    view: withHeaders(viewHeaders(site), readOnly(withForgetting(view))),
    other: withHeaders(ofApp, withDocuments(readOnly(withInfo(toTheApp(site))))),
  };
  return (request, response) => {
    const { asked } = hostsOf(site, request.headers.host);
    const { method = "", url = "" } = request;
    log.debug("asked for", { host: asked, method, path: asked === "view" ? toldOfView(url) : url });
    answers[asked](request, response);
  };
}

function toldOfView(path: string): string {
  if (VIEW_FILES.includes(path) || VIEW_SCRIPT.test(path)) return path;
  return TOKEN.test(path) ? "(a token)" : "(a page's)";
}

function readOnly(then: RequestListener): RequestListener {
  return (request, response) => {
    if (request.method === "GET" || request.method === "HEAD") then(request, response);
    else answerReadOnly(request, response);
  };
}

function withForgetting(then: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url !== FORGET_PATH) then(request, response);
    else response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(FORGET_PAGE);
  };
}

function folder({ webFolder }: WebOptions, name: string): string | undefined {
  return webFolder === undefined ? undefined : join(webFolder, name);
}

function withHeaders(setHeaders: RequestListener, then: RequestListener): RequestListener {
  return (request, response) => {
    setHeaders(request, response);
    then(request, response);
  };
}

/** People open the directory's address, or that of the machine: the app works at its own name only. */
function toTheApp(site: string): RequestListener {
  return ({ headers, url = "/" }, response) => {
    const path = /^\/(?!\/)[\x21-\x7e]*$/.test(url) ? url : "/";
    // Without a scheme: whoever puts TLS in front of us need not tell us.
    response.setHeader("Location", `//${hostsOf(site, headers.host).app}${path}`);
    answerText(response, 307, "The app is at its own address.");
  };
}

function answerReadOnly(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("Allow", "GET, HEAD");
  answerText(response, 405, "Only GET and HEAD are answered here.");
}

function networkInfo({ info, allowedOrigins }: WebOptions): RequestListener {
  return (request, response) => {
    allowOrigin(request, response, allowedOrigins);
    response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store" });
    response.end(JSON.stringify(info()));
  };
}

function allowOrigin(
  { headers }: IncomingMessage,
  response: ServerResponse,
  allowed: ReadonlySet<string>,
): void {
  const { origin } = headers;
  response.setHeader("Vary", "Origin");
  if (origin === undefined || !allowed.has(origin)) return;
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
}
