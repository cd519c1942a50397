import { constants, createPrivateKey, createPublicKey, type KeyObject, privateDecrypt } from "node:crypto";
import { base64UrlToBytes, type RelayId, type TokenIssuer } from "@tabor/onion-core";
import rfc9578 from "../../test-vectors/rfc9578.json" with { type: "json" };
import type { TokenSource } from "../token-wallet.ts";

/** Milliseconds. */
const LIFE = 86_400_000;

/** An issuer that writes down all it sees. */
export class TestIssuer implements TokenSource {
  readonly issuer: TokenIssuer;
  readonly privateKey: KeyObject;
  /** What it was shown, and what it gave for it. */
  readonly log: { readonly blinded: Uint8Array; readonly signature: Uint8Array }[] = [];
  sessions = 0;

  /** @param privateKey the published one of RFC 9578 unless given: making another takes seconds on a busy machine. */
  constructor(authority: RelayId, from: number, privateKey = publishedKey()) {
    this.privateKey = privateKey;
    const { n = "" } = createPublicKey(privateKey).export({ format: "jwk" });
    this.issuer = { authority, from, until: from + LIFE, modulus: base64UrlToBytes(n) };
  }

  sign(blinded: Uint8Array): Uint8Array {
    const signature = rawSign(this.privateKey, blinded);
    this.log.push({ blinded, signature });
    return signature;
  }

  open() {
    this.sessions += 1;
    return Promise.resolve({
      issuer: this.issuer,
      draw: (_key: unknown, blinded: readonly Uint8Array[]) =>
        Promise.resolve(blinded.map((one) => this.sign(one))),
      close: () => undefined,
    });
  }
}

/** RSASP1 (RFC 8017 §5.2.1). */
export function rawSign(key: KeyObject, message: Uint8Array): Uint8Array {
  return Uint8Array.from(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, message));
}

/** The key of RFC 9578's vectors. */
function publishedKey(): KeyObject {
  const skS = rfc9578.vectors[0]?.skS ?? "";
  return createPrivateKey(Buffer.from(skS, "hex").toString());
}
