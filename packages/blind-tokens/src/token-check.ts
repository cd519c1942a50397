import { bytesToHex, type Clock, type RelayId, TaborError, type TokenIssuer } from "@tabor/onion-core";
import { FORGETFUL, type SpentToken, type SpentTokens } from "./spent-tokens.ts";
import { challengeDigest } from "./token-challenge.ts";
import { importTokenKey, type TokenKey } from "./token-key.ts";
import { decodeToken, type Token, verifyToken } from "./token.ts";

/** SPEC §11: tokens that one place remembers as spent. */
const MAX_SPENT = 65_536;

/** An issuer with its key read. */
interface ReadIssuer extends TokenKey {
  readonly authority: RelayId;
  readonly until: number;
}

/** What has been spent of one key's tokens. */
interface Spent {
  readonly until: number;
  readonly nonces: Set<string>;
}

/**
 * Takes the tokens that are for one place, each once (SPEC §9.7). A token names its place, so that nobody else has to know what was
 * spent here; and its epoch, so that it need not be known for ever.
 */
export class TokenCheck {
  readonly #origin: RelayId;
  readonly #clock: Clock;
  /** By the key's modulus, as long as it is announced. */
  #keys = new Map<string, Promise<ReadIssuer>>();
  readonly #spent = new Map<string, Spent>();
  readonly #store: SpentTokens;

  /** @param origin the guard, or the directory, that takes them. @param store what outlasts its end. */
  constructor(origin: RelayId, clock: Clock, store = FORGETFUL) {
    this.#origin = origin;
    this.#clock = clock;
    this.#store = store;
    for (const token of store.before) this.#noncesOf(token).add(token.nonce);
  }

  /** Whether the token is by one of these issuers, whatever else may be wrong with it. */
  async names(token: Token, issuers: readonly TokenIssuer[]): Promise<boolean> {
    return (await this.#issuerOf(token, issuers)) !== undefined;
  }

  /**
   * @param issuers those of the newest consensus. @returns the name of the key that signed it.
   * @throws malformed, not-authentic (whatever is wrong with it), resource-limit, or closed if it cannot be remembered.
   */
  async spend(bytes: Uint8Array, issuers: readonly TokenIssuer[]): Promise<string> {
    const token = decodeToken(bytes);
    const issuer = await this.#issuerOf(token, issuers);
    if (issuer === undefined || issuer.until <= this.#clock.now()) throw refused();
    const expected = await challengeDigest({ issuer: issuer.authority, origin: this.#origin });
    if (bytesToHex(token.challengeDigest) !== bytesToHex(expected)) throw refused();
    if (!(await verifyToken(token, issuer))) throw refused();
    await this.#remember({ key: issuer.name, until: issuer.until, nonce: bytesToHex(token.nonce) });
    return issuer.name;
  }

  async #issuerOf({ keyId }: Token, issuers: readonly TokenIssuer[]): Promise<ReadIssuer | undefined> {
    const named = bytesToHex(keyId);
    return (await this.#read(issuers)).find(({ name }) => name === named);
  }

  #read(issuers: readonly TokenIssuer[]): Promise<readonly ReadIssuer[]> {
    const announced = new Map<string, Promise<ReadIssuer>>();
    for (const issuer of issuers) {
      const name = issuer.authority + bytesToHex(issuer.modulus);
      announced.set(name, this.#keys.get(name) ?? read(issuer));
    }
    this.#keys = announced;
    return Promise.all(announced.values());
  }

  /** Noted in one turn, so that of two who show one token at a time one is refused; and kept before anybody is let in. */
  async #remember(token: SpentToken): Promise<void> {
    this.#forgetOld();
    const nonces = this.#noncesOf(token);
    if (nonces.has(token.nonce)) throw refused();
    if (this.#count() >= MAX_SPENT)
      throw new TaborError("resource-limit", "relay", "too many tokens were spent");
    nonces.add(token.nonce);
    await this.#store.keep(token).catch((cause: unknown) => {
      throw new TaborError("closed", "relay", "what was spent cannot be kept", { cause });
    });
  }

  #noncesOf({ key, until }: SpentToken): Set<string> {
    const spent = this.#spent.get(key) ?? { until, nonces: new Set() };
    this.#spent.set(key, spent);
    return spent.nonces;
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [name, { until }] of this.#spent) if (until <= now) this.#spent.delete(name);
  }

  #count(): number {
    let count = 0;
    for (const { nonces } of this.#spent.values()) count += nonces.size;
    return count;
  }
}

async function read({ authority, until, modulus }: TokenIssuer): Promise<ReadIssuer> {
  return { authority, until, ...(await importTokenKey({ modulus })) };
}

function refused(): TaborError {
  return new TaborError("not-authentic", "link", "the token is not good here");
}
