import type { RelayId, RelayStats, TaborError } from "@tabor/onion-core";
import type { Readable } from "./store.ts";

export type VolunteerState =
  | { readonly name: "off" }
  | { readonly name: "starting" }
  | {
      readonly name: "on";
      readonly relay: RelayId;
      readonly stats: RelayStats;
      /** Whether the directory lists us: before, nobody can choose us. */
      readonly listed: boolean;
      /** How many other relays there are to link to. */
      readonly otherRelays: number;
      /** What is in the way now, if anything. */
      readonly problem: TaborError | undefined;
    }
  | { readonly name: "failed"; readonly problem: TaborError };

/** This tab as a relay of other people's circuits, never their exit. */
export interface Volunteer {
  readonly state: Readable<VolunteerState>;
  start(): void;
  /** Ends every link; circuits that pass here end and their clients build others. */
  stop(): void;
}
