import type { AdmissionMode } from "@tabor/rtc-link";
import type { KnownHost } from "@tabor/rtc-link/adhoc";
import type { CircuitInfo, ClientStatus, OnionClient, TaborError } from "@tabor/onion-core";
import type { Readable } from "./store.ts";

/** Where the connection to the directory stands. */
export type DirectoryPhase =
  | { readonly phase: "loading" }
  | { readonly phase: "connecting" }
  | { readonly phase: "authenticating" }
  /** `problem`: why the last consensus was refused. */
  | { readonly phase: "joined"; readonly problem: TaborError | undefined }
  /** `retryAt`: of the clock's `monotonic`. */
  | { readonly phase: "lost"; readonly reason: TaborError; readonly retryAt: number }
  /** The device has no network. */
  | { readonly phase: "offline" }
  /** It cannot work here, whatever is tried. */
  | { readonly phase: "failed"; readonly reason: TaborError };

export interface NetworkState {
  readonly directory: DirectoryPhase;
  readonly client: ClientStatus;
  readonly circuits: readonly CircuitInfo[];
  /** Whom the network lets in, once a server has said so. */
  readonly admission?: AdmissionMode | undefined;
  /** In an ad-hoc network: the hosts that may serve it (SPEC §9.8). */
  readonly adhoc?: readonly KnownHost[];
}

/** This tab as a client of the network. */
export interface Network extends UsedClient {
  readonly state: Readable<NetworkState>;
  /** Whether exits that fetch, and so read what they carry, may be used where no other serves; until the page is left. */
  readonly fetchExits: Readable<boolean>;
}

/** The part of a client that pages use. */
export type UsedClient = Pick<
  OnionClient,
  "openStream" | "openFetch" | "exitKindFor" | "allowFetchExits" | "newCircuitFor" | "newIdentity"
>;
