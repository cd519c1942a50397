/**
 * The boot page: installs the service worker, hands its questions to the engine, and reaches into the pages beside it for the
 * person: find, zoom, scroll, keys (docs/decisions/0008). It is framed by the app, which alone it listens to.
 */
import { Agent } from "./agent/agent.ts";
import { appOriginOf } from "./app-origin.ts";
import { forwardQuestions } from "./forward.ts";
import { install } from "./install.ts";
import { wipe } from "./wipe.ts";

const app = appOriginOf(location);

if (app !== undefined && parent !== window) {
  // Not there where they are switched off, whatever the types say.
  if ("serviceWorker" in navigator) void start(app);
  else parent.postMessage("tabor-view-failed", app);
}

async function start(origin: string): Promise<void> {
  const forwarding = forwardQuestions(navigator.serviceWorker);
  let agent: Agent | undefined;
  addEventListener("message", ({ source, origin: from, data, ports }: MessageEvent<unknown>) => {
    const [engine, commands] = ports;
    if (source !== parent || from !== origin) return;
    if (data === "tabor-view-wipe")
      void wipe().finally(() => {
        parent.postMessage("tabor-view-wiped", origin);
      });
    if (data !== "tabor-view-connect") return;
    if (engine === undefined || commands === undefined) return;
    forwarding.connect(engine);
    agent?.close();
    agent = new Agent(commands, parent);
  });
  const isInstalled = await install(navigator.serviceWorker, window).then(
    () => true,
    () => false,
  );
  parent.postMessage(isInstalled ? "tabor-view-ready" : "tabor-view-failed", origin);
}
