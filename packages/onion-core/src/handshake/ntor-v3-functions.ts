import { ascii, concat } from "../bytes/bytes.ts";
import { Writer } from "../bytes/writer.ts";
import type { HandshakeCrypto } from "../ports/primitives.ts";

/** The functions of which ntor-v3 is made, under their names in SPEC §5.1. */

export const PROTOID = ascii("ntor3-curve25519-sha3_256-1");

/** `ENCAP(t_x)` for each tweak: what separates the uses of one hash function. */
export const TWEAK = {
  kdfPhase1: encapTweak("kdf_phase1"),
  msgMac: encapTweak("msg_mac"),
  kdfFinal: encapTweak("kdf_final"),
  keySeed: encapTweak("key_seed"),
  verify: encapTweak("verify"),
  authFinal: encapTweak("auth_final"),
} as const;

export type Tweak = (typeof TWEAK)[keyof typeof TWEAK];

/** `u64(length) | bytes`: makes a concatenation of variable parts readable in one way only. */
export function encap(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Writer(8 + bytes.length).u64(bytes.length).bytes(bytes).finish();
}

/** The platform's hash functions. */
export type Hashes = Pick<HandshakeCrypto, "sha3" | "shake">;

/** @returns 32 bytes. */
export function hash({ sha3 }: Hashes, input: Uint8Array, tweak: Tweak): Uint8Array {
  return sha3(concat(tweak, input));
}

/** @returns `length` bytes. */
export function kdf({ shake }: Hashes, input: Uint8Array, tweak: Tweak, length: number): Uint8Array {
  return shake(concat(tweak, input), length);
}

/** @returns 32 bytes. */
export function mac({ sha3 }: Hashes, key: Uint8Array, input: Uint8Array, tweak: Tweak): Uint8Array {
  return sha3(concat(tweak, encap(key), input));
}

function encapTweak(name: string): Uint8Array<ArrayBuffer> {
  return encap(concat(PROTOID, ascii(`:${name}`)));
}
