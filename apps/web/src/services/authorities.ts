import type { RelayId } from "@tabor/onion-core";
import type { Said } from "@tabor/rtc-link";

/** What the network's authorities say of its relays, and which authorities there are. */
export interface Look extends Said {
  readonly authorities: readonly RelayId[];
}

/** For whoever wants to look into it. */
export interface Authorities {
  /** @throws what fetching and verifying it fails with. */
  look(): Promise<Look>;
}
