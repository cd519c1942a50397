import type { Consensus, RelayEntry, RelayFlag, RelayId, Vote } from "@tabor/onion-core";
import type { Look } from "../services/authorities.ts";

const NOTHING = new Uint8Array(32);
const WHOLE = { Wgg: 1, Wgd: 1, Wmg: 1, Wmd: 1, Wme: 1, Wee: 1, Wed: 1 };
const AUTHORITIES = ["FirstAuthority", "SecondAuthority", "ThirdAuthority"].map(named);

/** @param weight KiB/s. */
export function fakeEntry(name: string, weight: number, ...more: readonly RelayFlag[]): RelayEntry {
  return {
    descriptor: {
      ...{ identity: named(name), ntorKey: NOTHING, signalKey: NOTHING, published: 0 },
      ...{ platform: more.includes("Stable") ? "node" : "tab", capacity: 2 * weight, family: [] },
      ...{ nat: "unknown", policy4: "reject 1-65535", policy6: "reject 1-65535" },
    },
    ...{ descriptorBytes: NOTHING, flags: new Set<RelayFlag>(["Running", "Valid", ...more]), weight },
    network: new Uint8Array(0),
  };
}

const STAYS = fakeEntry("GuardRelay", 4000, "Guard", "Stable", "Fast");
const BEFORE = [STAYS, fakeEntry("MiddleRelay", 400, "Fast"), fakeEntry("LeavingTab", 120, "Fast")];
const NOW = [
  STAYS,
  fakeEntry("MiddleRelay", 80),
  fakeEntry("ExitRelay", 2500, "Exit", "Stable", "Fast"),
  fakeEntry("YoungTab", 250, "Fast"),
];

/** A list that all of three authorities have signed but one, which is at the time given. */
export function fakeLook(now: number): Look {
  const header = {
    ...{ validAfter: now, freshUntil: now + 60_000, validUntil: now + 600_000 },
    ...{ previous: NOTHING, weights: WHOLE, issuers: [] },
    votes: AUTHORITIES.slice(0, 2).map((authority) => ({ authority, digest: NOTHING })),
  };
  const consensus: Consensus = {
    ...{ ...header, relays: NOW, digest: new Uint8Array(32).fill(9), signers: AUTHORITIES.slice(0, 2) },
    relaysById: new Map(NOW.map((entry) => [entry.descriptor.identity, entry])),
  };
  const before = { ...header, validAfter: now - 60_000, relays: BEFORE };
  return { consensus, before, votes: AUTHORITIES.slice(0, 2).map(voteOf), authorities: AUTHORITIES };
}

function voteOf(authority: RelayId, index: number): Vote {
  const relays = NOW.map(({ descriptor, flags, weight, network }) => ({
    ...{ identity: descriptor.identity, digest: NOTHING, flags, weight: weight + index * 10, network },
    measured: index === 0 ? weight : undefined,
  }));
  return { authority, validAfter: 0, previous: NOTHING, issuers: [], relays };
}

function named(name: string): RelayId {
  return name.padEnd(43, "A") as RelayId;
}
