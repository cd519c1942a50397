/**
 * The browser over a scripted network and engine, to be looked at and tested without real ones: `/demo/#ready`,
 * `/demo/#lost` and so on. Not part of the build.
 */
import { TaborError } from "@tabor/onion-core";
import { systemClock } from "@tabor/platform";
import { parseKnownHosts } from "@tabor/rtc-link/adhoc";
import { Session } from "../src/browsing/session.ts";
import { TaborFrame } from "../src/elements/frame/tabor-frame.ts";
import { BrowserHistory } from "../src/services/browser-history.ts";
import type { Authorities } from "../src/services/authorities.ts";
import type { StandardSupport } from "../src/services/contexts.ts";
import type { NetworkState } from "../src/services/network.ts";
import { Store } from "../src/services/store.ts";
import { fakeLook } from "../src/testing/fake-authorities.ts";
import { circuitNumber, FakeNetwork } from "../src/testing/fake-network.ts";
import { scriptedMembership } from "../src/testing/scripted-membership.ts";
import { AT_HOME, scriptedVolunteer } from "../src/testing/scripted-volunteer.ts";
import { DEFAULT_SETTINGS } from "../src/volunteer/settings.ts";
import { VolunteerSwitch, type VolunteerSwitchInit } from "../src/volunteer/volunteer-switch.ts";
import { DemoView } from "./demo-view.ts";

const away = new TaborError("unreachable", "directory", "the directory cannot be reached");
const stranger = new TaborError("not-a-member", "directory", "this network lets members in only");
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
  offline: { directory: { phase: "offline" }, client: idle },
  guard: { client: { stage: "guard", percent: 45, doing: "connecting to the guard", problem: undefined } },
  "no-exit": { client: { stage: "circuit", percent: 75, doing: "", problem: noExit } },
  "not-a-member": {
    admission: "invite",
    directory: { phase: "lost", reason: stranger, retryAt: 0 },
    client: idle,
  },
  adhoc: {
    adhoc: parseKnownHosts(`192.168.1.20:8080,192.168.1.21:8080=${"A".repeat(43)}`),
  },
  ready: { circuits: [1, 2, 3, 4, 5].map((id) => circuitNumber(id, "x")) },
};

/** Another tab is the relay. */
const waiting: VolunteerSwitchInit["only"] = {
  take: ({ waits }) => {
    waits();
    return () => undefined;
  },
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
const volunteer = scripted(name);
const update = {
  isOffered: new Store(name === "update"),
  accept: () => {
    location.reload();
  },
};
const authorities: Authorities = {
  look: () =>
    name === "authorities-away" ? Promise.reject(away) : Promise.resolve(fakeLook(systemClock.now())),
};
const frame = document.querySelector("tabor-frame");
if (frame instanceof TaborFrame)
  frame.services = {
    ...{ clock: systemClock, network, authorities, membership: scriptedMembership(name) },
    ...{ volunteer, session, view, standard, update },
  };

/** A relay that is idle at first and has more to do with each report; or what the name says. */
function scripted(name: string): VolunteerSwitch {
  const isOn = name.startsWith("volunteer-");
  const isExit = name === "volunteer-exit";
  const fetching = { isOn: isExit, hasConsented: isExit, rules: isExit ? "reject *:80" : "" };
  const settings = { ...DEFAULT_SETTINGS, isOn, hasConsented: isOn, fetching };
  const { init, relays, surroundings } = scriptedVolunteer(systemClock, settings);
  const played: Readonly<Record<string, Partial<VolunteerSwitchInit>>> = {
    "volunteer-elsewhere": { only: waiting },
    "volunteer-failed": { startRelay: () => Promise.reject(away) },
    "volunteer-starting": { startRelay: () => new Promise(() => undefined) },
  };
  if (name === "volunteer-offline") surroundings.value = { ...AT_HOME, isOnline: false };
  const startRelay: VolunteerSwitchInit["startRelay"] = async (options) => {
    const started = await init.startRelay(options);
    const relay = relays.at(-1);
    let reports = -1;
    if (relay !== undefined && name === "volunteer-hard") {
      relay.stats = { ...relay.stats, relayLinks: 0, clientLinks: 0 };
      relay.ways = { nat: "hard", connections: { opened: 1, failed: 3, throughTurn: 0 } };
    } else if (relay !== undefined && name === "volunteer-turn") {
      relay.ways = { nat: "turn", connections: { opened: 5, failed: 1, throughTurn: 2 } };
    } else if (relay !== undefined && name !== "volunteer-idle")
      relay.moves = () => {
        reports++;
        const cells = reports * 400 + Math.round(150 * Math.sin(reports));
        relay.stats = {
          ...relay.stats,
          ...{ circuits: reports, circuitsTotal: reports * 2, cellsIn: cells, cellsOut: cells },
          ...{ bytesIn: cells * 2048, bytesOut: cells * 2000 },
        };
      };
    return started;
  };
  const volunteer = new VolunteerSwitch({ ...init, startRelay, ...played[name] });
  void volunteer.load();
  return volunteer;
}
