import type { Descriptor } from "./descriptor.ts";
import type { RelayStanding } from "./measurements.ts";

/** A relay that is connected to the directory and has published. */
export interface JoinedRelay {
  /** As `verifyDescriptor` returned it for `descriptorBytes`. */
  readonly descriptor: Descriptor;
  readonly descriptorBytes: Uint8Array;
  /** The IP address that its connection comes from, as text. */
  readonly address: string;
  /** When it joined, milliseconds since the Unix epoch. */
  readonly since: number;
  /** What the authority's measurer says of it, if there is one. */
  readonly standing?: RelayStanding | undefined;
}
