/**
 * The app over a scripted network, to be looked at and tested without a real one: `/demo/#ready`, `/demo/#lost` and so
 * on. Not part of the build.
 */
import { TaborError, type RelayId, type RelayStats } from "@tabor/onion-core";
import { systemClock } from "@tabor/platform";
import { Browser } from "../src/browsing/browser.ts";
import { workerCleaner } from "../src/clean/worker-cleaner.ts";
import { TaborApp } from "../src/elements/app/tabor-app.ts";
import { saveFile } from "../src/save-file.ts";
import type { NetworkState } from "../src/services/network.ts";
import { VolunteerSwitch, type RunningRelay } from "../src/services/volunteer-switch.ts";
import { circuitNumber, FakeNetwork } from "../src/testing/fake-network.ts";
import { sites } from "./sites.ts";

const away = new TaborError("unreachable", "directory", "the directory cannot be reached");
const noExit = new TaborError("no-path", "directory", "no exit that allows port 80 is left");
const idle = { stage: "directory", percent: 10, doing: "", problem: undefined } as const;

const STATES: Readonly<Record<string, Partial<NetworkState>>> = {
  loading: { directory: { phase: "loading" }, client: idle },
  connecting: { directory: { phase: "connecting" }, client: idle },
  authenticating: { directory: { phase: "authenticating" }, client: idle },
  lost: {
    directory: { phase: "lost", reason: away, retryAt: systemClock.monotonic() + 12_000 },
    client: idle,
  },
  guard: { client: { stage: "guard", percent: 45, doing: "connecting to the guard", problem: undefined } },
  "no-exit": { client: { stage: "circuit", percent: 75, doing: "", problem: noExit } },
  ready: { circuits: [{ ...circuitNumber(1, "x"), isolation: undefined, streams: 0 }] },
};

const name = location.hash.slice(1);
const network = new FakeNetwork(sites());
network.state.value = { ...network.state.value, ...(STATES[name] ?? STATES["ready"]) };

const makeWorker = (): Worker =>
  new Worker(new URL("../src/clean/worker.ts", import.meta.url), { type: "module" });
const browser = new Browser({
  network,
  clock: systemClock,
  cleaner: workerCleaner(makeWorker, systemClock),
  saveFile,
});
const volunteer = new VolunteerSwitch(() => Promise.resolve(scriptedRelay()), systemClock);
const app = document.querySelector("tabor-app");
if (app instanceof TaborApp) app.services = { clock: systemClock, network, browser, volunteer };

/** A relay that is idle at first and has more to do with each report. */
function scriptedRelay(): RunningRelay {
  let reports = 0;
  const stats = (): RelayStats => ({
    relayLinks: 4,
    clientLinks: 1,
    circuits: reports,
    circuitsTotal: reports * 2,
    cellsIn: reports * 731,
    cellsOut: reports * 729,
  });
  const relay = "TabRelayTabRelayTabRelayTabRelayTabRelayAAA" as RelayId;
  return {
    report: () => {
      const report = { relay, stats: stats(), listed: true, otherRelays: 4, problem: undefined };
      reports++;
      return report;
    },
    close: () => undefined,
  };
}
