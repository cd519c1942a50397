import { encap, kdf, type Hashes } from "./ntor-v3-functions.ts";
import { wipe } from "./ntor-v3-keys.ts";
import type { NtorSecrets } from "./ntor-v3.ts";
import { ascii, concat } from "../bytes/bytes.ts";

/** AES-256-GCM keys of one hop, 32 bytes each (SPEC §5.3). Whoever imports them wipes them. */
export interface CircuitKeys {
  /** The client seals with it, the relay opens. */
  readonly outbound: Uint8Array;
  /** The relay seals with it, the client opens. */
  readonly inbound: Uint8Array;
}

/** Bytes of ntor-v3's key stream that go into the keys. */
export const STREAM_LENGTH = 32;

const KEY_LENGTH = 32;
const CIRCUIT_KEYS = encap(ascii("tabor-x25519-mlkem768-1:circuit_keys"));

/**
 * The keys of SPEC §5.3, which nobody has who lacks either secret.
 * @param kemSecret of ML-KEM, 32 bytes, wiped. @param ntor of which the key stream is wiped.
 */
export function circuitKeys(
  hashes: Hashes,
  kemSecret: Uint8Array,
  { keyStream, auth }: NtorSecrets,
): CircuitKeys {
  const input = concat(kemSecret, keyStream, auth);
  const stream = kdf(hashes, input, CIRCUIT_KEYS, 2 * KEY_LENGTH);
  const keys = { outbound: stream.slice(0, KEY_LENGTH), inbound: stream.slice(KEY_LENGTH) };
  wipe(input, kemSecret, keyStream, stream);
  return keys;
}
