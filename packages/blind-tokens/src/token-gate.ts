import {
  bytesToHex,
  type Clock,
  type Consensus,
  type DirectorySource,
  type LinkGate,
  type RelayId,
  TaborError,
} from "@tabor/onion-core";
import type { SpentTokens } from "./spent-tokens.ts";
import { TokenCheck } from "./token-check.ts";
import { decodeToken } from "./token.ts";

/** Milliseconds: two who follow one directory may have its newest consensus a moment apart. */
const PATIENCE = 5000;

export interface TokenGateOptions {
  readonly directory: DirectorySource;
  readonly clock: Clock;
  /** What lets the relay itself in, to see whether it can be used. */
  readonly pass?: Uint8Array;
  /** For a relay that stays the same when it starts again. */
  readonly spent?: SpentTokens | undefined;
}

/** What a relay asks of those who link to it, in a network whose consensus announces issuers (SPEC §9.7). */
export class TokenGate implements LinkGate {
  readonly #directory: DirectorySource;
  readonly #clock: Clock;
  readonly #check: TokenCheck;
  /** Kept beyond its time: a network that is closed does not open because its directory is away. */
  #newest: Consensus | undefined;

  readonly #pass: Uint8Array | undefined;

  /** @param relay who asks. */
  constructor(relay: RelayId, { directory, clock, pass, spent }: TokenGateOptions) {
    this.#pass = pass;
    this.#directory = directory;
    this.#clock = clock;
    this.#check = new TokenCheck(relay, clock, spent);
    this.#newest = directory.current;
    directory.subscribe((consensus) => (this.#newest = consensus));
  }

  /** @returns true also if no consensus came to tell. */
  async demandsTokens(): Promise<boolean> {
    await this.#until(() => Promise.resolve(this.#newest !== undefined));
    return this.#newest === undefined || this.#newest.issuers.length > 0;
  }

  async admitClient(bytes: Uint8Array): Promise<void> {
    if (this.#pass !== undefined && bytesToHex(bytes) === bytesToHex(this.#pass)) return;
    const token = decodeToken(bytes);
    await this.#until(() => this.#check.names(token, this.#issuers));
    await this.#check.spend(bytes, this.#issuers);
  }

  async admitRelay(id: RelayId): Promise<void> {
    if (!(await this.demandsTokens())) return;
    // Who is no relay of this network could call itself one, and show no token.
    const isListed = await this.#until(() => Promise.resolve(this.#newest?.relaysById.has(id) === true));
    if (!isListed) throw new TaborError("not-authentic", "link", "the consensus lists no such relay");
  }

  get #issuers(): Consensus["issuers"] {
    return this.#newest?.issuers ?? [];
  }

  /** Asks again with each consensus that comes. @returns whether it became true in time. */
  async #until(isTrue: () => Promise<boolean>): Promise<boolean> {
    if (await isTrue()) return true;
    return new Promise((resolve, reject) => {
      const end = (outcome: boolean): void => {
        unsubscribe();
        cancel();
        resolve(outcome);
      };
      const unsubscribe = this.#directory.subscribe(() => {
        isTrue().then((is) => {
          if (is) end(true);
        }, reject);
      });
      const cancel = this.#clock.after(PATIENCE, () => {
        end(false);
      });
    });
  }
}
