import {
  type Clock,
  generateSigningKey,
  type RelayId,
  type SigningKey,
  TaborError,
  type TokenIssuer,
} from "@tabor/onion-core";
import { type BlindedToken, blindToken } from "./blind-token.ts";
import { challengeDigest } from "./token-challenge.ts";
import { importTokenKey, type TokenKey } from "./token-key.ts";
import { encodeToken } from "./token.ts";

/** Where tokens are drawn: a session in which the member has shown its key. */
export interface TokenSource {
  /** Now: the newest issuers that the session's consensus announces. @throws what the session fails with. */
  open(): Promise<TokenSession>;
}

export interface TokenSession {
  /** The directory whose session it is, and by whom it signs. */
  readonly issuer: TokenIssuer;
  /** @param blinded of 256 bytes each, 16 at most. @returns a signature for each, in order. */
  draw(key: TokenKey, blinded: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
  close(): void;
}

/** A token of a session at a directory, with the key that its nonce is. */
export interface SessionToken {
  readonly token: Uint8Array;
  readonly key: SigningKey;
}

export interface TokenWalletDeps {
  readonly source: TokenSource;
  readonly clock: Clock;
}

/** Drawn at once for one place. Each costs a browser 100 ms. */
const BATCH = 4;

interface HeldTokens {
  readonly issuer: TokenIssuer;
  readonly tokens: SessionToken[];
}

/** A member's tokens, by the place that each is for; drawn when they are needed, and never kept on disk. */
export class TokenWallet {
  readonly #deps: TokenWalletDeps;
  readonly #held = new Map<RelayId, HeldTokens>();
  readonly #drawing = new Map<RelayId, Promise<HeldTokens>>();

  constructor(deps: TokenWalletDeps) {
    this.#deps = deps;
  }

  /**
   * A token that was not given before. @param isGood whether an issuer's tokens are still taken, as far as is known.
   * @throws what drawing fails with.
   */
  async take(origin: RelayId, isGood: (issuer: TokenIssuer) => boolean): Promise<SessionToken> {
    for (let drawn = false; ; drawn = true) {
      const held = this.#held.get(origin);
      const token = held !== undefined && isGood(held.issuer) ? held.tokens.pop() : undefined;
      if (token !== undefined) return token;
      const isOver = drawn && held !== undefined && !isGood(held.issuer);
      if (isOver) throw new TaborError("expired", "directory", "the epoch of these tokens is over");
      const drawing =
        this.#drawing.get(origin) ?? this.#draw(origin).finally(() => this.#drawing.delete(origin));
      this.#drawing.set(origin, drawing);
      this.#held.set(origin, await drawing);
    }
  }

  /** They were refused: their epoch may be over, which nobody has told us. */
  forget(): void {
    this.#held.clear();
  }

  async #draw(origin: RelayId): Promise<HeldTokens> {
    const session = await this.#deps.source.open();
    try {
      const { issuer } = session;
      const key = await importTokenKey(issuer);
      const digest = await challengeDigest({ issuer: issuer.authority, origin });
      const made: Made[] = [];
      for (let i = 0; i < BATCH; i++) {
        made.push(await make(digest, key));
        await this.#pause();
      }
      const blinded = made.map(({ blind }) => blind.blinded);
      const signatures = await session.draw(key, blinded);
      const tokens: SessionToken[] = [];
      for (const [i, { key: own, blind }] of made.entries()) {
        tokens.push({ key: own, token: encodeToken(await blind.finish(signatures[i] ?? new Uint8Array(0))) });
      }
      return { issuer, tokens };
    } finally {
      session.close();
    }
  }

  /** Lets others have their turn, between two tokens. */
  #pause(): Promise<void> {
    return new Promise((resolve) => this.#deps.clock.after(0, resolve));
  }
}

interface Made {
  readonly key: SigningKey;
  readonly blind: BlindedToken;
}

async function make(digest: Uint8Array, tokenKey: TokenKey): Promise<Made> {
  const { key, seed } = await generateSigningKey();
  seed.fill(0);
  const token = { nonce: key.publicKey, challengeDigest: digest, keyId: tokenKey.id };
  return { key, blind: await blindToken(token, tokenKey) };
}
