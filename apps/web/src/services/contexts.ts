import { createContext } from "@lit/context";
import type { Clock } from "@tabor/onion-core";
import type { Browser } from "../browsing/browser.ts";
import type { Network } from "./network.ts";
import type { Volunteer } from "./volunteer.ts";

/** What the elements work with, made by `main.ts` and handed down from the root element. */
export interface Services {
  readonly clock: Clock;
  readonly network: Network;
  readonly browser: Browser;
  readonly volunteer: Volunteer;
}

export const servicesContext = createContext<Services>(Symbol("services"));
