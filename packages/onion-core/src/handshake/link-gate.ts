import type { RelayId } from "../crypto/ids.ts";

/** What a relay asks of those who link to it, in a network that does not let everybody in (SPEC §2.2, §9.7). */
export interface LinkGate {
  /** Whether clients have to show a token now. */
  demandsTokens(): Promise<boolean>;
  /** @param token as it came. Spends it. @throws malformed, not-authentic or resource-limit. */
  admitClient(token: Uint8Array): Promise<void>;
  /** @param id what the relay has proved to be. @throws not-authentic for a relay that is none of this network's. */
  admitRelay(id: RelayId): Promise<void>;
}

/** What a client shows to its guards. */
export interface GuardTokens {
  /** @returns a token for this guard, which nobody else takes; undefined in a network that is open. @throws why there is none. */
  take(guard: RelayId): Promise<Uint8Array | undefined>;
}

export const OPEN_GATE: LinkGate = {
  demandsTokens: () => Promise.resolve(false),
  admitClient: () => Promise.resolve(),
  admitRelay: () => Promise.resolve(),
};

export const NO_TOKENS: GuardTokens = { take: () => Promise.resolve(undefined) };
