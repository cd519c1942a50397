/**
 * Fetches for people of the network, if the volunteer wants that. A worker of its own, since a worker is held to the policy that its script
 * came with: this one may connect to sites, and nothing else of the app may (apps/signal/src/web/headers.ts).
 */
import { PortDuplex } from "@tabor/browsing/view";
import { toTaborError } from "@tabor/onion-core";
import { systemClock as clock } from "@tabor/platform";
import type { FetchMessage, RefusedMessage } from "./messages.ts";
import { refusalOf, serveFetch } from "./serve-fetch.ts";

onmessage = ({ data, ports: [port] }: MessageEvent<FetchMessage>): void => {
  if (port !== undefined) void serve(data, port);
};

async function serve({ origin }: FetchMessage, port: MessagePort): Promise<void> {
  const client = new PortDuplex(port);
  const leaving = new AbortController();
  client.onBroken((error) => {
    leaving.abort(error);
  });
  const deps = { fetch: (url: string, init: RequestInit) => fetch(url, init), clock, signal: leaving.signal };
  try {
    await serveFetch(origin, client, deps);
  } catch (thrown) {
    const refused: RefusedMessage = { type: "refused", reason: refusalOf(thrown).reason };
    port.postMessage(refused);
    client.abort(toTaborError(thrown, "exit", "fetching"));
  }
}
