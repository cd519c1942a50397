/**
 * The hooks: a script that runs first in every document and worker at Standard. They are for compatibility and never for safety: that rests
 * on the view's headers (`Connection-Allowlist`, content security policy) and its service worker. What they miss breaks; it does not leak.
 * What scripts of the site can do against them they can do against themselves alone.
 */
import { WORKER_CONFIG, type HookConfig } from "@tabor/browsing/page";
import { throughServiceWorker } from "./engine-line.ts";
import { installInWindow, installInWorker } from "./install.ts";
import { throughPage } from "./requests/workers.ts";
import { attempt } from "./wrap.ts";

function start(scope: typeof globalThis): void {
  if (typeof document === "object") {
    const script = document.currentScript;
    const told = script?.getAttribute("data-tabor");
    script?.remove();
    if (typeof told === "string")
      installInWindow(scope, JSON.parse(told) as HookConfig, throughServiceWorker(scope));
    return;
  }
  const config = Reflect.get(scope, WORKER_CONFIG) as HookConfig | undefined;
  Reflect.deleteProperty(scope, WORKER_CONFIG);
  if (config !== undefined) installInWorker(scope, config, throughPage(scope));
}

attempt(() => {
  start(globalThis);
}, undefined);
