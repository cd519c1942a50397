import type { AllowanceState, NatClass, RelayId, RelayStats, TaborError } from "@tabor/onion-core";
import type { RestReason, Surroundings } from "../volunteer/rest.ts";
import type { VolunteerSettings } from "../volunteer/settings.ts";
import type { VolunteerTotals } from "../volunteer/totals.ts";
import type { Readable } from "./store.ts";

/** What a relay at work says of itself. */
export interface RelayReport {
  readonly relay: RelayId;
  readonly stats: RelayStats;
  /** Whether the directory lists us: before, nobody can choose us. */
  readonly listed: boolean;
  /** How many other relays there are to link to. */
  readonly otherRelays: number;
  readonly allowance: AllowanceState;
  /** What is between this browser and the others. */
  readonly nat: NatClass;
  /** WebRTC connections that were tried since the start, and how many that are open go through a TURN server. */
  readonly connections: { readonly opened: number; readonly failed: number; readonly throughTurn: number };
  /** What is in the way now, if anything. */
  readonly problem: TaborError | undefined;
  readonly fetching: FetchReport;
}

/** What a tab says of fetching for others (SPEC §7.5). */
export type FetchReport =
  | { readonly name: "off" }
  | ({ readonly name: "on" } & FetchCounts)
  /** Its rules make no sense. */
  | { readonly name: "failed"; readonly problem: TaborError };

/** What has been fetched for others since the relay's start. */
export interface FetchCounts {
  readonly now: number;
  readonly total: number;
  /** Bytes from sites, and to them. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export type VolunteerState =
  | { readonly name: "off" }
  | { readonly name: "starting" }
  /** Another tab of this browser is the relay. */
  | { readonly name: "elsewhere" }
  | { readonly name: "resting"; readonly reason: RestReason }
  /** `minutes`: since it has started. */
  | ({ readonly name: "on"; readonly minutes: number } & RelayReport)
  | { readonly name: "failed"; readonly problem: TaborError };

/** The last look whether this relay works, by traffic of our own. `at`: milliseconds since the Unix epoch. */
export type SelfTest =
  | { readonly name: "none" }
  | { readonly name: "running" }
  | { readonly name: "passed"; readonly at: number; readonly ms: number }
  | { readonly name: "failed"; readonly at: number; readonly problem: TaborError };

/** Bytes per second of all links, over the second that ended then. */
export interface TrafficSample {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly in: number;
  readonly out: number;
}

/** This tab as a relay of other people's circuits, and their exit only if it fetches for them. */
export interface Volunteer {
  readonly state: Readable<VolunteerState>;
  readonly settings: Readable<VolunteerSettings>;
  readonly totals: Readable<VolunteerTotals>;
  /** The last minutes, the newest last. */
  readonly traffic: Readable<readonly TrafficSample[]>;
  readonly selfTest: Readable<SelfTest>;
  readonly surroundings: Readable<Surroundings>;
  /** Keeps what is changed, and keeps to it. Switching off ends every link: clients build other circuits. */
  change(change: Partial<VolunteerSettings>): void;
  test(): void;
}
