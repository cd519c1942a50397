/** The composition root: real clock, randomness, storage and sockets, and the elements that they are handed to. */
import { TaborError, type Log } from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import { Browser } from "./browsing/browser.ts";
import { workerCleaner } from "./clean/worker-cleaner.ts";
import { TaborApp } from "./elements/app/tabor-app.ts";
import type { LiveDeps } from "./live/find-network.ts";
import { guardStorage } from "./live/guard-storage.ts";
import { saveFile } from "./save-file.ts";
import { LazyNetwork } from "./services/lazy-network.ts";
import { VolunteerSwitch } from "./services/volunteer-switch.ts";

/** Warnings and errors alone: a normal run is silent. */
const log: Log = {
  error: (message, fields) => {
    console.error(message, fields ?? "");
  },
  warn: (message, fields) => {
    console.warn(message, fields ?? "");
  },
  info: () => undefined,
  debug: () => undefined,
  scoped: () => log,
};
const clock = systemClock;
const deps: LiveDeps = { clock, random: systemRandom, log, directory: location.origin, ownRelays: new Set() };

const makeWorker = (): Worker =>
  new Worker(new URL("./clean/worker.ts", import.meta.url), { type: "module" });
const network = new LazyNetwork();
const browser = new Browser({ network, clock, cleaner: workerCleaner(makeWorker, clock), saveFile });
const volunteer = new VolunteerSwitch(async () => {
  const { startTabRelay } = await import("./live/tab-relay.ts");
  return startTabRelay(deps);
}, clock);

const app = document.querySelector("tabor-app");
if (app instanceof TaborApp) app.services = { clock, network, browser, volunteer };

const { dataset } = document.documentElement;
const showState = (): void => {
  const { client, directory } = network.state.value;
  dataset["taborState"] = directory.phase === "failed" ? "failed" : client.stage;
};
network.state.subscribe(showState);
showState();

void connect();

async function connect(): Promise<void> {
  if (!("RTCPeerConnection" in globalThis)) {
    const reason = new TaborError(
      "unreachable",
      "here",
      "this browser has WebRTC switched off, which Tabor needs",
    );
    network.changed({ directory: { phase: "failed", reason } });
    return;
  }
  const { startLiveNetwork } = await import("./live/live-network.ts");
  const changed = network.changed.bind(network);
  const live = await startLiveNetwork({ ...deps, guards: guardStorage(localStorage), changed });
  network.arrived(live.client);
  addEventListener("pagehide", live.close);
}

// The peers hear at once that this tab is gone, and need not wait for a timeout.
addEventListener("pagehide", () => {
  volunteer.stop();
});
// A page that comes back from the browser's cache has closed everything: it begins anew.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
