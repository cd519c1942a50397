/**
 * The browser over a scripted network and engine, to be looked at and tested without real ones: `/demo/#ready`,
 * `/demo/#lost` and so on. Not part of the build.
 */
import { TaborError, type RelayId, type RelayStats } from "@tabor/onion-core";
import { systemClock } from "@tabor/platform";
import { Session } from "../src/browsing/session.ts";
import { TaborFrame } from "../src/elements/frame/tabor-frame.ts";
import { BrowserHistory } from "../src/services/browser-history.ts";
import type { StandardSupport } from "../src/services/contexts.ts";
import type { NetworkState } from "../src/services/network.ts";
import { Store } from "../src/services/store.ts";
import { VolunteerSwitch, type RunningRelay } from "../src/services/volunteer-switch.ts";
import { circuitNumber, FakeNetwork } from "../src/testing/fake-network.ts";
import { DemoView } from "./demo-view.ts";

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
  ready: { circuits: [1, 2, 3, 4, 5].map((id) => circuitNumber(id, "x")) },
};

const name = location.hash.slice(1);
const network = new FakeNetwork();
network.state.value = { ...network.state.value, ...(STATES[name] ?? STATES["ready"]) };

const view = new DemoView(systemClock);
const session = new Session({ engine: view.engine, view });
new BrowserHistory(
  window,
  {
    canGoBack: () => session.travel.canGoBack,
    back: () => {
      session.travel.back();
    },
    forward: () => {
      session.travel.forward();
    },
  },
  systemClock,
);
const standard = new Store<StandardSupport>(name === "standard" ? "available" : "unavailable");
const volunteer = new VolunteerSwitch(() => Promise.resolve(scriptedRelay()), systemClock);
const frame = document.querySelector("tabor-frame");
if (frame instanceof TaborFrame)
  frame.services = { clock: systemClock, network, volunteer, session, view, standard };

/** A relay that is idle at first and has more to do with each report. */
function scriptedRelay(): RunningRelay {
  let reports = 0;
  const stats = (): RelayStats => ({
    relayLinks: 4,
    clientLinks: 1,
    circuits: reports,
    circuitsTotal: reports * 2,
    circuitsRefused: 0,
    cellsIn: reports * 731,
    cellsOut: reports * 729,
    bytesIn: reports * 731 * 2048,
    bytesOut: reports * 729 * 2048,
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
