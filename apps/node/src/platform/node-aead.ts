import type { Aead } from "@tabor/onion-core";
import { cipherivAead } from "./cipheriv-aead.ts";
import { loadOpenssl } from "./openssl.ts";
import { opensslAead } from "./openssl-aead.ts";

/**
 * The quickest AES-256-GCM of this Node. A cell takes about 3 µs by OpenSSL's functions and 10 to 15 µs by `node:crypto`;
 * WebCrypto's way through Node's thread pool takes 15 to 50 µs. `npm run bench -- --only layer` measures all three.
 */
export const nodeAead: Aead = quickest();

function quickest(): Aead {
  const openssl = loadOpenssl();
  return openssl === undefined ? cipherivAead : opensslAead(openssl);
}
