/** The composition root: real clock, randomness, storage and sockets, and the elements that they are handed to. */
import type { Download } from "@tabor/browsing";
import { TaborError, type Log } from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import { Session } from "./browsing/session.ts";
import { firstSink, type FileSink } from "./downloads/file-sink.ts";
import { handOver } from "./downloads/hand-over.ts";
import { pickedFile } from "./downloads/picked-file.ts";
import { pieces } from "./downloads/pieces.ts";
import { privateFiles, removeForgotten } from "./downloads/private-file.ts";
import { TaborFrame } from "./elements/frame/tabor-frame.ts";
import { startEngine } from "./engine/start-engine.ts";
import { viewOriginOf } from "./engine/view-host.ts";
import { KeptBuilds } from "./kept/kept-builds.ts";
import { AppKeeper } from "./live/app-keeper.ts";
import { awakenings } from "./live/awakenings.ts";
import type { LiveDeps } from "./live/find-network.ts";
import { guardStorage } from "./live/guard-storage.ts";
import type { LiveNetwork } from "./live/live-network.ts";
import { memberKeys } from "./live/member-keys.ts";
import { takeInvites } from "./membership/invite-link.ts";
import { MembershipDesk } from "./membership/membership-desk.ts";
import type { Authorities } from "./services/authorities.ts";
import type { StandardSupport } from "./services/contexts.ts";
import { BrowserHistory } from "./services/browser-history.ts";
import { LazyNetwork } from "./services/lazy-network.ts";
import { Store } from "./services/store.ts";
import { onlyRelay } from "./live/only-relay.ts";
import { keepScreenAwake } from "./live/screen-awake.ts";
import { surroundings } from "./live/surroundings.ts";
import { keptSpentTokens } from "./live/spent-tokens-storage.ts";
import { volunteerDatabase } from "./live/volunteer-database.ts";
import { volunteerStore } from "./live/volunteer-store.ts";
import { VolunteerSwitch } from "./volunteer/volunteer-switch.ts";

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
const ownMemberKeys = memberKeys(indexedDB, log);
const deps: LiveDeps = {
  ...{ clock, random: systemRandom, log, awakenings: awakenings(window) },
  ...{ directory: location.origin, ownRelays: new Set() },
  memberKey: async () => {
    const own = await ownMemberKeys.load();
    if (own !== undefined) return own.key;
    throw new TaborError("not-a-member", "here", "this browser has no member key yet");
  },
};

const makeWorker = (): Worker =>
  new Worker(new URL("./engine/main-engine.ts", import.meta.url), { type: "module" });
const { storage, locks } = navigator;
const waysToSave = [pickedFile, privateFiles({ clock, storage, locks, handOver }), pieces(handOver)];
const openSink = (download: Download): Promise<FileSink> => firstSink(waysToSave, download);
void removeForgotten({ storage, locks });
const network = new LazyNetwork();
const { engine, view, probeStandard } = startEngine({
  ...{ network, clock, makeWorker, openSink },
  viewOrigin: viewOriginOf(location),
});
const session = new Session({ engine, view });
const connected = connect();
// What is in the way is shown as the network's state.
connected.catch(() => undefined);
const authorities: Authorities = { look: async () => (await connected).look() };
const membership = new MembershipDesk({
  ...{ network: network.state, keys: ownMemberKeys },
  redeem: async (member) => (await connected).redeem(member),
  retry: () => {
    connected.then(
      ({ retry }) => {
        retry();
      },
      () => undefined,
    );
  },
});
takeInvites(window, (code) => {
  membership.invited(code);
  session.showOwn("membership");
});
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
  clock,
);
const standard = new Store<StandardSupport>("checking");
const database = volunteerDatabase(indexedDB);
const volunteer = new VolunteerSwitch({
  startRelay: async (options) => {
    const { startTabRelay } = await import("./live/tab-relay.ts");
    const spentTokens = (now: number) => keptSpentTokens(indexedDB, now);
    return startTabRelay({ ...deps, database, spentTokens }, options);
  },
  store: volunteerStore(database, clock, log),
  only: onlyRelay(locks),
  surroundings: surroundings(window),
  awakenings: deps.awakenings,
  clock,
});
keepScreenAwake(window, volunteer);
void volunteer.load();

const update = new AppKeeper({
  // Not there where they are switched off, whatever the types say.
  container: (navigator as Partial<Navigator>).serviceWorker,
  builds: new KeptBuilds(caches),
  reload: () => {
    location.reload();
  },
  ...{ clock, log },
});

const frame = document.querySelector("tabor-frame");
if (frame instanceof TaborFrame)
  frame.services = { clock, network, authorities, membership, volunteer, session, view, standard, update };

const { dataset } = document.documentElement;
const showState = (): void => {
  const { client, directory } = network.state.value;
  dataset["taborState"] = directory.phase === "failed" ? "failed" : client.stage;
};
network.state.subscribe(showState);
showState();

// Opened without a network the app waits for one: before, the view's origin does not answer either.
void connected.then(probeStandard).then(
  (isEnforced) => (standard.value = isEnforced ? "available" : "unavailable"),
  () => (standard.value = "unavailable"),
);
// Of the development server's modules there is no build.
if (import.meta.env.PROD) void update.start();

async function connect(): Promise<LiveNetwork> {
  if (!("RTCPeerConnection" in globalThis)) {
    const reason = new TaborError(
      "unreachable",
      "here",
      "this browser has WebRTC switched off, which Tabor needs",
    );
    network.changed({ directory: { phase: "failed", reason } });
    throw reason;
  }
  const { startLiveNetwork } = await import("./live/live-network.ts");
  const changed = network.changed.bind(network);
  const live = await startLiveNetwork({
    ...{ ...deps, guards: guardStorage(indexedDB), changed },
    isOnline: () => navigator.onLine,
  });
  network.arrived(live.client);
  addEventListener("pagehide", live.close);
  return live;
}

// The peers hear at once that this tab is gone, and need not wait for a timeout.
addEventListener("pagehide", () => {
  volunteer.leave();
});
// A page that comes back from the browser's cache has closed everything: it begins anew.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
