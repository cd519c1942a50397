import type { Cancel, RelayId } from "@tabor/onion-core";

/** A member, for the operator. */
export interface RegisteredMember {
  readonly key: RelayId;
  /** What the operator wrote down of it, or of the invitation that it came with. */
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
}

/** The keys of a network's members, as the directory reads them. */
export interface Register {
  has(key: RelayId): Promise<boolean>;
  /** Registers a key for an invitation's code, which is then spent. @returns whether the code was good. */
  redeem(code: Uint8Array, key: RelayId): Promise<boolean>;
  /** Tells of each key that is removed, also by another program. */
  onRevoked(listener: (key: RelayId) => void): Cancel;
}
