import { bytesToHex, type Clock, type RelayId, TaborError, type TokenIssuer } from "@tabor/onion-core";
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

  /** @param origin the guard, or the directory, that takes them. */
  constructor(origin: RelayId, clock: Clock) {
    this.#origin = origin;
    this.#clock = clock;
  }

  /** Whether the token is by one of these issuers, whatever else may be wrong with it. */
  async names(token: Token, issuers: readonly TokenIssuer[]): Promise<boolean> {
    return (await this.#issuerOf(token, issuers)) !== undefined;
  }

  /**
   * @param issuers those of the newest consensus. @returns the name of the key that signed it.
   * @throws malformed, not-authentic (whatever is wrong with it), or resource-limit.
   */
  async spend(bytes: Uint8Array, issuers: readonly TokenIssuer[]): Promise<string> {
    const token = decodeToken(bytes);
    const issuer = await this.#issuerOf(token, issuers);
    if (issuer === undefined || issuer.until <= this.#clock.now()) throw refused();
    const expected = await challengeDigest({ issuer: issuer.authority, origin: this.#origin });
    if (bytesToHex(token.challengeDigest) !== bytesToHex(expected)) throw refused();
    if (!(await verifyToken(token, issuer))) throw refused();
    this.#remember(issuer, bytesToHex(token.nonce));
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

  /** In one turn, so that of two who show one token at a time one is refused. */
  #remember({ name, until }: ReadIssuer, nonce: string): void {
    this.#forgetOld();
    const spent = this.#spent.get(name) ?? { until, nonces: new Set() };
    if (spent.nonces.has(nonce)) throw refused();
    if (this.#count() >= MAX_SPENT)
      throw new TaborError("resource-limit", "relay", "too many tokens were spent");
    spent.nonces.add(nonce);
    this.#spent.set(name, spent);
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
