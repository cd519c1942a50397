import type { SigningKey } from "@tabor/onion-core";
import type { Challenge } from "@tabor/signal-protocol";
import { type Joiner, notAMember } from "./join-handshake.ts";
import type { MemberTokens } from "./member-tokens.ts";
import { sessionKey } from "./session-key.ts";

/** With what a client shows that it belongs to a network that does not let everybody in (SPEC §9.6). */
export interface MemberCredential {
  /** The member's key: asked for only where it is needed, for an open network shall not learn it. @throws not-a-member without one. */
  readonly key: () => Promise<SigningKey>;
  /** An invitation's code, 16 bytes, for a key that is not registered yet. */
  readonly invite?: Uint8Array | undefined;
}

export interface ClientMembership {
  readonly role: "client";
  readonly member?: MemberCredential | undefined;
}

export interface RelayMembership {
  readonly role: "relay";
  readonly identity: SigningKey;
  /** The member who vouches for it; undefined: its identity is registered itself. */
  readonly voucher?: (() => Promise<SigningKey>) | undefined;
  /** An invitation's code, 16 bytes, for whichever of the two is not registered yet. */
  readonly invite?: Uint8Array | undefined;
  /** A descriptor signed now (SPEC §8.1): asked for after each join, and again before the last one is old. */
  readonly descriptor: () => Promise<Uint8Array>;
}

/** As whom to join: nobody in particular, or a relay with something to publish. */
export type Membership = ClientMembership | RelayMembership;

/**
 * @param tokens of the client's, if it has a member key.
 * @throws not-a-member if the network lets members in only, and we have no key to be one; what drawing tokens fails with.
 */
export async function joinerOf(
  membership: Membership,
  challenge: Challenge,
  tokens: Pick<MemberTokens, "joiner"> | undefined,
): Promise<Joiner> {
  const { admission } = challenge;
  if (membership.role === "client") return clientJoiner(challenge, tokens);
  const { role, identity: key, voucher, invite } = membership;
  return admission === "open" ? { role, key } : { role, key, invite, voucher: await voucher?.() };
}

async function clientJoiner(
  challenge: Challenge,
  tokens: Pick<MemberTokens, "joiner"> | undefined,
): Promise<Joiner> {
  if (challenge.admission === "open") return { role: "client", key: await sessionKey() };
  if (tokens !== undefined) return tokens.joiner(challenge);
  throw notAMember();
}
