import type { IncomingMessage, ServerResponse } from "node:http";
import { NETWORK_INFO_PATH, type NetworkInfo } from "@tabor/signal-protocol";
import { answerText } from "./answer.ts";
import { setSecurityHeaders } from "./headers.ts";
import { type RequestListener, staticSite } from "./static-site.ts";

export interface WebOptions {
  readonly info: NetworkInfo;
  /** Folder of the built web app. */
  readonly webFolder: string | undefined;
  /** Origins of other web apps that may read `/tabor.json`. */
  readonly allowedOrigins: ReadonlySet<string>;
}

/** Everything the directory answers over plain HTTP: what the network is (SPEC §9.1), and the web app. */
export function requestListener({ info, webFolder, allowedOrigins }: WebOptions): RequestListener {
  const site = staticSite(webFolder);
  const json = JSON.stringify(info);
  return (request, response) => {
    setSecurityHeaders(request, response);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      answerText(response, 405, "Only GET and HEAD are answered here.");
    } else if (request.url === NETWORK_INFO_PATH) {
      allowOrigin(request, response, allowedOrigins);
      response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store" });
      response.end(json);
    } else {
      site(request, response);
    }
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
