import { bytesToBase64Url } from "../bytes/base64url.ts";
import { relayId, type RelayId } from "../crypto/ids.ts";
import type { SignatureMessage } from "./authority-message.ts";
import type { AuthoritySignature } from "./consensus-codec.ts";
import { verifyDetached } from "./consensus-signatures.ts";

/** Two signatures prove that an authority signs twice; more prove nothing else, and would only cost. */
const MAX_KEPT = 2;

/** The authorities' signatures of one period, over whichever consensus each has signed. */
export class SignatureBox {
  readonly #authorities: readonly RelayId[];
  readonly #validAfter: number;
  /** By authority, then by what was signed. */
  readonly #signatures = new Map<RelayId, Map<string, AuthoritySignature>>();

  constructor(authorities: readonly RelayId[], validAfter: number) {
    this.#authorities = authorities;
    this.#validAfter = validAfter;
  }

  /** @returns whether it was new and right. Those of strangers, and of other periods, are not looked at. */
  async add(message: SignatureMessage): Promise<boolean> {
    const id = relayId(message.signature.authority);
    if (message.validAfter !== this.#validAfter || !this.#authorities.includes(id)) return false;
    const key = bytesToBase64Url(message.digest);
    if (!this.#isWanted(id, key) || !(await verifyDetached(message, message.signature))) return false;
    if (!this.#isWanted(id, key)) return false;
    const kept = this.#signatures.get(id) ?? new Map<string, AuthoritySignature>();
    this.#signatures.set(id, kept.set(key, message.signature));
    return true;
  }

  over(digest: Uint8Array): readonly AuthoritySignature[] {
    const key = bytesToBase64Url(digest);
    return [...this.#signatures.values()].flatMap((kept) => kept.get(key) ?? []);
  }

  /** Who has signed two consensuses. */
  get twice(): readonly RelayId[] {
    return this.#authorities.filter((id) => (this.#signatures.get(id)?.size ?? 0) > 1);
  }

  /** Who has signed nothing but another consensus. */
  another(digest: Uint8Array): readonly RelayId[] {
    const key = bytesToBase64Url(digest);
    return this.#authorities.filter((id) => this.#signatures.get(id)?.has(key) === false);
  }

  /** Who has signed nothing. */
  get missing(): readonly RelayId[] {
    return this.#authorities.filter((id) => !this.#signatures.has(id));
  }

  #isWanted(id: RelayId, key: string): boolean {
    const kept = this.#signatures.get(id);
    return kept === undefined || (kept.size < MAX_KEPT && !kept.has(key));
  }
}
