import { createContext } from "@lit/context";
import type { Clock } from "@tabor/onion-core";
import type { Session } from "../browsing/session.ts";
import type { AppUpdate } from "./app-update.ts";
import type { Authorities } from "./authorities.ts";
import type { Membership } from "./membership.ts";
import type { Network } from "./network.ts";
import type { Readable } from "./store.ts";
import type { ViewAgent } from "./view-agent.ts";
import type { Volunteer } from "./volunteer.ts";

/** Whether this browser holds pages with scripts to the circuit: it must be seen to enforce `Connection-Allowlist`. */
export type StandardSupport = "checking" | "available" | "unavailable";

/** What the elements work with, made by `main.ts` and handed down from the root element. */
export interface Services {
  readonly clock: Clock;
  readonly network: Network;
  readonly authorities: Authorities;
  readonly membership: Membership;
  readonly volunteer: Volunteer;
  readonly session: Session;
  readonly view: ViewAgent;
  readonly standard: Readable<StandardSupport>;
  readonly update: AppUpdate;
}

export const servicesContext = createContext<Services>(Symbol("services"));
