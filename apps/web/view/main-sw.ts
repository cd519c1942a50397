/**
 * The view's service worker: turns requests of pages into questions to the engine, and its answers into responses. It keeps
 * nothing, for browsers end it at will; it never asks the network for anything; and what it does not understand
 * is an error (docs/decisions/0008).
 */
import { answerOf } from "./answer.ts";
import { bootsOf } from "./boots.ts";
import { BOOT_PATH, FORGET_PATH } from "@tabor/browsing/paths";
import { isProbe, probeAnswer } from "./probe.ts";
import type { ServiceWorkerScope } from "./worker-types.ts";

const scope = globalThis as unknown as ServiceWorkerScope;
const { origin } = location;

scope.addEventListener("install", (event) => {
  event.waitUntil(scope.skipWaiting());
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(scope.clients.claim());
});

scope.addEventListener("fetch", (event) => {
  if (isOurs(event.request)) return;
  const answer = isProbe(event.request)
    ? Promise.resolve(probeAnswer(event.request, location))
    : answerOf(event, scope.clients);
  event.respondWith(answer);
});

/** What hooks say, to the engine. */
scope.addEventListener("message", (event) => {
  const [port] = event.ports;
  if (port === undefined) return;
  const tell = async (): Promise<void> => {
    const [boot] = await bootsOf(scope.clients);
    boot?.postMessage(event.data, [port]);
  };
  event.waitUntil(tell());
});

/** The boot page and its scripts come from the server, as did this worker; it stands in nobody's way to them. */
function isOurs({ url, destination, method }: Request): boolean {
  const { origin: asked, pathname, search } = new URL(url);
  if (asked !== origin || method !== "GET" || search !== "") return false;
  if (destination === "script") return pathname.startsWith("/~a/");
  const isServers = pathname === BOOT_PATH || pathname === FORGET_PATH;
  return isServers && (destination === "iframe" || destination === "document");
}
