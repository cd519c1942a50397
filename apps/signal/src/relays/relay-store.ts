import type { Cancel, JoinedRelay, RelayId } from "@tabor/onion-core";

/** A relay that has joined and published, with the connection that holds it. */
export interface RegisteredRelay extends JoinedRelay {
  /** `PeerPort.connectionId`; of another process, or of a life before this one, a name that no connection here has. */
  readonly connection: string;
  /** When that connection joined, milliseconds since the Unix epoch. `since` is when its relay first did, without its absences (`Absences`). */
  readonly joinedAt: number;
}

export interface RelayChange {
  readonly relay: RelayId;
  /** The connection that held the relay, if another one holds it now. */
  readonly replaced: string | undefined;
}

/**
 * The relays that are registered: what consensuses are made of. A registration outlives its server's crash by `GRACE`, in which
 * its relay comes back; it ends when its connection does, or with its grace.
 */
export interface RelayStore {
  /** By what this process knows. */
  all(): readonly RegisteredRelay[];
  get(id: RelayId): RegisteredRelay | undefined;
  /** Registers it, or replaces its registration, whose `since` it keeps. */
  put(relay: RegisteredRelay): void;
  /** Ends the registration, if this connection holds it. */
  remove(id: RelayId, connection: string): void;
  onChange(listener: (change: RelayChange) => void): Cancel;
  /** Resolves when a crash would lose nothing that `all` says now, or when that cannot be had; never rejects. */
  settled(): Promise<void>;
  /** From now on nothing changes: who is registered stays it. Resolves when that is written; never rejects. */
  close(): Promise<void>;
}

/** Milliseconds: the longest that a relay waits before it tries again to join (`backOff`). */
export const GRACE = 60_000;
