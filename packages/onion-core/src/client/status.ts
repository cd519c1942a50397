import type { CircuitInfo } from "./circuit-info.ts";
import type { TaborError } from "../errors.ts";

/** How far a client has come on the way to its first circuit; what a person is told while waiting. */
export type BootstrapStage = "directory" | "guard" | "circuit" | "ready";

export interface ClientStatus {
  readonly stage: BootstrapStage;
  /** 0…100. */
  readonly percent: number;
  /** A sentence: what is being done now. */
  readonly doing: string;
  /** Why the stage is not over yet, if something went wrong; it is tried again. */
  readonly problem: TaborError | undefined;
}

export const BOOTSTRAP: Readonly<Record<BootstrapStage, Omit<ClientStatus, "problem">>> = {
  directory: { stage: "directory", percent: 10, doing: "asking the directory which relays there are" },
  guard: { stage: "guard", percent: 45, doing: "connecting to the guard" },
  circuit: { stage: "circuit", percent: 75, doing: "building a circuit through three relays" },
  ready: { stage: "ready", percent: 100, doing: "ready" },
};

/** What changes in a client, for whoever shows it. */
export type ClientEvent =
  | { readonly type: "status"; readonly status: ClientStatus }
  | { readonly type: "circuits"; readonly circuits: readonly CircuitInfo[] };
