import { TokenWallet } from "@tabor/blind-tokens";
import {
  type DirectorySource,
  type GuardTokens,
  type RelayId,
  relayId,
  type TokenIssuer,
} from "@tabor/onion-core";
import type { Challenge } from "@tabor/signal-protocol";
import type { Joiner } from "./join-handshake.ts";
import { memberSessions, type MemberSessionOptions } from "./member-session.ts";

/** A member's way to take part without being known: by tokens, at the directory and at guards (SPEC §9.7). */
export class MemberTokens implements GuardTokens {
  readonly #directory: DirectorySource;
  readonly #wallet: TokenWallet;
  readonly #now: () => number;

  constructor(directory: DirectorySource, options: MemberSessionOptions) {
    const { clock } = options;
    this.#directory = directory;
    this.#wallet = new TokenWallet({ source: memberSessions(options), clock });
    this.#now = () => clock.now();
  }

  /** @throws what drawing fails with: not-a-member for a key that is not registered. */
  async joiner({ directory }: Challenge): Promise<Joiner> {
    const { key, token } = await this.#wallet.take(relayId(directory), this.#isGood);
    return { role: "client", key, token };
  }

  async take(guard: RelayId): Promise<Uint8Array | undefined> {
    const issuers = this.#directory.current?.issuers ?? [];
    if (issuers.length === 0) return undefined;
    return (await this.#wallet.take(guard, this.#isGood)).token;
  }

  /** They were refused: an epoch may have ended unheard. */
  forget(): void {
    this.#wallet.forget();
  }

  /** Until its authority has a newer one, as far as we have heard. */
  readonly #isGood = ({ authority, from, until }: TokenIssuer): boolean => {
    const issuers = this.#directory.current?.issuers ?? [];
    return (
      this.#now() < until && !issuers.some((other) => other.authority === authority && other.from > from)
    );
  };
}
