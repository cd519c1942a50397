/** The issuer of tokens (SPEC §9.7). */
import {
  type Cancel,
  type Clock,
  type IssuerKey,
  type Log,
  type RelayId,
  TaborError,
} from "@tabor/onion-core";
import { decodeToken, TokenCheck, tokenKeyId } from "@tabor/blind-tokens";
import { BLINDED_LENGTH, type DrawRequest, TOKENS_PER_EPOCH } from "@tabor/signal-protocol";
import type { BlindSigner } from "./blind-signer.ts";

/** Milliseconds for which a key issues, and after which its tokens are taken no more. */
const EPOCH = 24 * 3_600_000;
const LIFE = EPOCH + 3_600_000;

interface Epoch {
  readonly key: IssuerKey;
  /** `TokenKey.id`. */
  readonly id: Uint8Array;
  readonly signer: BlindSigner;
  readonly drawn: Map<RelayId, number>;
}

export interface TokenOfficeOptions {
  /** The directory's identity: in its name tokens are signed, and some are spent at it. */
  readonly authority: RelayId;
  /** The keys that are announced have changed. @property voided whether tokens of an earlier epoch are good no longer. */
  readonly changed: (change: { readonly voided: boolean }) => void;
  /** Makes a fresh key. */
  readonly newSigner: () => Promise<BlindSigner>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Signs members' tokens blindly, and takes those that are for this directory. Its keys are in memory alone: a directory that starts
 * again begins an epoch, with nothing spent and nothing drawn.
 */
export class TokenOffice {
  readonly #options: TokenOfficeOptions;
  readonly #check: TokenCheck;
  /** The one that issues comes last; before it the one whose tokens are still taken, if there is one. */
  #epochs: readonly Epoch[] = [];
  #cancel: Cancel = () => undefined;
  #beginning: Promise<void> | undefined;
  #isClosed = false;

  private constructor(options: TokenOfficeOptions) {
    this.#options = options;
    this.#check = new TokenCheck(options.authority, options.clock);
  }

  /** @returns it with its first epoch. */
  static async open(options: TokenOfficeOptions): Promise<TokenOffice> {
    const office = new TokenOffice(options);
    office.#add(await office.#newEpoch(options.clock.now()), false);
    return office;
  }

  /** What the consensus announces. */
  get keys(): readonly IssuerKey[] {
    return this.#epochs.map(({ key }) => key);
  }

  /**
   * @param member who has shown its key, and is still registered. @returns the signatures, one after another.
   * @throws expired for another key than the one that issues, malformed, or resource-limit.
   */
  draw(member: RelayId, { key, blinded }: DrawRequest): Uint8Array<ArrayBuffer> {
    const epoch = this.#epochs.at(-1);
    if (epoch === undefined || Buffer.compare(epoch.id, key) !== 0) {
      throw new TaborError("expired", "directory", "this key issues no tokens now");
    }
    const count = (epoch.drawn.get(member) ?? 0) + blinded.length / BLINDED_LENGTH;
    if (count > TOKENS_PER_EPOCH)
      throw new TaborError("resource-limit", "directory", "enough tokens were drawn");
    epoch.drawn.set(member, count);
    const signatures = new Uint8Array(blinded.length);
    for (let at = 0; at < blinded.length; at += BLINDED_LENGTH) {
      signatures.set(epoch.signer.sign(blinded.subarray(at, at + BLINDED_LENGTH)), at);
    }
    return signatures;
  }

  /** @param nonce what the token must have. @returns the name of its key. @throws malformed, not-authentic, resource-limit. */
  async spend(token: Uint8Array, nonce: Uint8Array): Promise<string> {
    if (Buffer.compare(decodeToken(token).nonce, nonce) !== 0) {
      throw new TaborError("not-authentic", "directory", "the token is another session's");
    }
    const { authority } = this.#options;
    return this.#check.spend(
      token,
      this.keys.map((key) => ({ authority, ...key })),
    );
  }

  /** Whether tokens of this key are taken now. */
  takes(name: string): boolean {
    return this.#epochs.some(({ id }) => Buffer.from(id).toString("hex") === name);
  }

  /** Nobody can say which tokens are a member's: if it has drawn any, all of that epoch lose their value. */
  revoked(member: RelayId): void {
    if (!this.#epochs.some(({ drawn }) => drawn.has(member))) return;
    this.#beginning ??= this.#next(true).finally(() => (this.#beginning = undefined));
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  async #next(voided: boolean): Promise<void> {
    const { clock, log, changed } = this.#options;
    try {
      const earliest = (this.#epochs.at(-1)?.key.from ?? -1) + 1;
      const epoch = await this.#newEpoch(Math.max(clock.now(), earliest));
      if (this.#isClosed) return;
      this.#add(epoch, voided);
      changed({ voided });
    } catch (error) {
      log.error("no new key for tokens could be made", { reason: String(error) });
      this.#schedule();
    }
  }

  #add(epoch: Epoch, voided: boolean): void {
    this.#epochs = voided ? [epoch] : [...this.#epochs.slice(-1), epoch];
    this.#schedule();
  }

  async #newEpoch(from: number): Promise<Epoch> {
    const signer = await this.#options.newSigner();
    const key = { from, until: from + LIFE, modulus: signer.modulus };
    return { key, id: await tokenKeyId(key), signer, drawn: new Map() };
  }

  #schedule(): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(EPOCH, () => {
      this.#beginning ??= this.#next(false).finally(() => (this.#beginning = undefined));
    });
  }
}
