/**
 * The service worker of the app's own origin: opens the build that is in use, also without a network, and keeps newer ones whole until
 * the person takes them (docs/decisions/0022). It answers for the files of the app alone; everything else goes by as if it was not there.
 */
import { type Build, HASHED, KeptBuilds, PAGE } from "../src/kept/kept-builds.ts";
import type { KeeperScope } from "./keeper-scope.ts";

/** What was built with it. */
declare const TABOR_BUILD: Build;

const scope = globalThis as unknown as KeeperScope;
const build = TABOR_BUILD;
const kept = new KeptBuilds(caches);

// Which build is opened is none of this worker's: the newest may serve at once.
scope.addEventListener("install", (event) => {
  event.waitUntil(kept.keep(build).then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(scope.clients.claim());
});

scope.addEventListener("fetch", (event) => {
  const path = fileOf(event.request);
  if (path === undefined) return;
  event.respondWith(keptOrFetched(path, event.request));
  if (path === PAGE) event.waitUntil(kept.refreshPage(build).catch(() => undefined));
});

async function keptOrFetched(path: string, request: Request): Promise<Response> {
  const found = await kept.find(path).catch(() => undefined);
  return found ?? fetch(request);
}

/** @returns the path of what belongs to the app. */
function fileOf({ method, url }: Request): string | undefined {
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return undefined;
  if (pathname === "/index.html") return PAGE;
  return pathname in build.files || pathname.startsWith(HASHED) ? pathname : undefined;
}
