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
import { AT_HOME, type ScriptedRelay, scriptedVolunteer } from "../src/testing/scripted-volunteer.ts";
import type { Surroundings } from "../src/volunteer/rest.ts";
import { DEFAULT_SETTINGS, type OwnLimits, type VolunteerSettings } from "../src/volunteer/settings.ts";
import type { VolunteerTotals } from "../src/volunteer/totals.ts";
import { VolunteerSwitch, type VolunteerSwitchInit } from "../src/volunteer/volunteer-switch.ts";
import { DemoView } from "./demo-view.ts";

const away = new TaborError("unreachable", "directory", "the directory cannot be reached");
const stranger = new TaborError("not-a-member", "directory", "this network lets members in only");
const unclear = new TaborError(
  "usage",
  "here",
  `exit policy: "reject *:web": ports are "*", "n" or "n-m", from 1 to 65535`,
);
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

const full: OwnLimits = { ...DEFAULT_SETTINGS.limits, circuits: 25 };
const untrue = new TaborError("timeout", "relay", "it did not answer in time");

/** What is special about a volunteer, by the demonstration's name. */
interface Played {
  readonly init?: Partial<VolunteerSwitchInit>;
  readonly surroundings?: Partial<Surroundings>;
  readonly settings?: Partial<VolunteerSettings>;
  /** Bytes of this day before. */
  readonly used?: number;
  /** Instead of more with each report. */
  readonly relay?: (relay: ScriptedRelay) => void;
}

const VOLUNTEERS: Readonly<Record<string, Played>> = {
  elsewhere: { init: { only: waiting } },
  failed: { init: { startRelay: () => Promise.reject(away) } },
  starting: { init: { startRelay: () => new Promise(() => undefined) } },
  offline: { surroundings: { isOnline: false } },
  metered: { surroundings: { isMetered: true } },
  battery: { surroundings: { isOnBattery: true } },
  spent: { used: 9.7 * 2 ** 30 },
  idle: { relay: () => undefined },
  full: {
    settings: { limits: full },
    relay: (relay) => {
      const cells = { cellsIn: 90_000, cellsOut: 89_000, bytesIn: 46_000_000, bytesOut: 45_000_000 };
      relay.stats = { ...relay.stats, ...cells, circuits: 25, circuitsTotal: 731, circuitsRefused: 12 };
    },
  },
  untested: {
    relay: (relay) => {
      relay.tested = () => Promise.reject(untrue);
    },
  },
  hard: {
    relay: (relay) => {
      relay.stats = { ...relay.stats, relayLinks: 0, clientLinks: 0 };
      relay.ways = { nat: "hard", connections: { opened: 1, failed: 3, throughTurn: 0 } };
    },
  },
  turn: {
    relay: (relay) => {
      relay.ways = { nat: "turn", connections: { opened: 5, failed: 1, throughTurn: 2 } };
    },
  },
  exit: { settings: { fetching: { isOn: true, hasConsented: true, rules: "reject *:80" } } },
  rules: {
    settings: { fetching: { isOn: true, hasConsented: true, rules: "reject *:web" } },
    relay: (relay) => {
      relay.fetching = { name: "failed", problem: unclear };
    },
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
  const [kind, which = ""] = name.split("-");
  const isOn = kind === "volunteer";
  const played = (isOn ? VOLUNTEERS[which] : undefined) ?? {};
  const settings = { ...DEFAULT_SETTINGS, isOn, hasConsented: isOn, ...played.settings };
  const { init, relays, store, surroundings } = scriptedVolunteer(systemClock, settings);
  surroundings.value = { ...AT_HOME, ...played.surroundings };
  if (played.used !== undefined) store.totals = helped(store.totals, played.used);
  const startRelay: VolunteerSwitchInit["startRelay"] = async (options) => {
    const started = await init.startRelay(options);
    const relay = relays.at(-1);
    if (relay !== undefined) (played.relay ?? busier)(relay);
    return started;
  };
  const volunteer = new VolunteerSwitch({ ...init, startRelay, ...played.init });
  void volunteer.load();
  return volunteer;
}

function helped(totals: VolunteerTotals, bytes: number): VolunteerTotals {
  const data = { ...totals.data, bytesOfDay: bytes, bytesOfMonth: 3 * bytes };
  const week = 7 * 24 * 3600 * 1000;
  return { since: systemClock.now() - week, bytes: 5 * bytes, circuits: 2310, circuitsOfDay: 411, data };
}

function busier(relay: ScriptedRelay): void {
  let reports = -1;
  relay.moves = () => {
    reports++;
    const cells = reports * 400 + Math.round(150 * Math.sin(reports));
    relay.stats = {
      ...relay.stats,
      ...{ circuits: reports, circuitsTotal: reports * 2, cellsIn: cells, cellsOut: cells },
      ...{ bytesIn: cells * 2048, bytesOut: cells * 2000 },
    };
  };
}
