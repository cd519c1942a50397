import type { Descriptor } from "./descriptor.ts";

/** A relay that is connected to the directory and has published. */
export interface JoinedRelay {
  /** As `verifyDescriptor` returned it for `descriptorBytes`. */
  readonly descriptor: Descriptor;
  readonly descriptorBytes: Uint8Array;
  /** The IP address that its connection comes from, as text. */
  readonly address: string;
  /** When it joined, milliseconds since the Unix epoch. */
  readonly since: number;
  /** KiB/s that were measured through the network, if anybody has; at most 2^32−2. */
  readonly measured?: number | undefined;
}
