import type { RelayId } from "@tabor/onion-core";
import type { Register } from "../admission/register.ts";

/** Nobody is a member, and nobody can become one. */
export const emptyRegister: Register = {
  has: () => Promise.resolve(false),
  redeem: () => Promise.resolve(false),
  onRevoked: () => () => undefined,
};

/** Members that a test adds and revokes. */
export class MemoryRegister implements Register {
  readonly members = new Set<RelayId>();
  /** Codes that nobody has used, as text. */
  readonly codes = new Set<string>();
  readonly #listeners = new Set<(key: RelayId) => void>();

  has(key: RelayId): Promise<boolean> {
    return Promise.resolve(this.members.has(key));
  }

  redeem(code: Uint8Array, key: RelayId): Promise<boolean> {
    const isGood = this.codes.delete(String(code));
    if (isGood) this.members.add(key);
    return Promise.resolve(isGood);
  }

  onRevoked(listener: (key: RelayId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  revoke(key: RelayId): void {
    this.members.delete(key);
    for (const listener of this.#listeners) listener(key);
  }
}
