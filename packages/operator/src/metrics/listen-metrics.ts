import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { TaborError } from "@tabor/onion-core";
import type { MetricsPage } from "./metrics-page.ts";

/** This machine only: who is to read them from elsewhere comes by way of what its operator puts in front. */
const HOST = "127.0.0.1";
const OWN_NAMES = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;
const MAX_CONNECTIONS = 16;
/** Milliseconds for a request: none has a body. */
const REQUEST_TIMEOUT = 10_000;

export interface MetricsServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Serves `http://127.0.0.1:PORT/metrics`. @param port 0 for any free one. @throws unreachable if it cannot listen there. */
export async function listenMetrics(page: MetricsPage, port: number): Promise<MetricsServer> {
  const timeouts = { headersTimeout: REQUEST_TIMEOUT, requestTimeout: REQUEST_TIMEOUT };
  const server = createServer(timeouts, (request, response) => void answer(page, request, response));
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, HOST);
  try {
    await once(server, "listening");
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const sentence = `The metrics cannot be served on port ${String(port)}: ${why}. Choose another with --metrics.`;
    throw new TaborError("unreachable", "here", sentence, { cause: thrown });
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(page: MetricsPage, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refusal = refusalOf(request);
  if (refusal !== undefined) {
    response.writeHead(refusal, { connection: "close" }).end();
    return;
  }
  const text = await page.text();
  response
    .writeHead(200, {
      "content-type": page.contentType,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    })
    .end(text);
}

/** A page in this machine's browser must not read them by a name of its own that leads here (DNS rebinding). */
function refusalOf({ headers, method, url }: IncomingMessage): number | undefined {
  if (!OWN_NAMES.test(headers.host ?? "")) return 403;
  if (method !== "GET" && method !== "HEAD") return 405;
  return url === "/metrics" ? undefined : 404;
}
