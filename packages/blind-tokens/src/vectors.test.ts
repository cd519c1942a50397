/**
 * The published vectors: RFC 9474, Appendix A.3 (RSABSSA-SHA384-PSS-Deterministic), and RFC 9578, Appendix A.2 (blind RSA). Their files
 * say where they were taken from.
 */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { RSABSSA } from "@cloudflare/blindrsa-ts";
import { base64UrlToBytes, bytesToBase64Url, bytesToHex, concat, hexToBytes } from "@tabor/onion-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import rfc9474 from "../test-vectors/rfc9474.json" with { type: "json" };
import rfc9578 from "../test-vectors/rfc9578.json" with { type: "json" };
import { blindToken } from "./blind-token.ts";
import { rawSign } from "./testing/test-issuer.ts";
import { sha256 } from "./token-challenge.ts";
import { importTokenKey } from "./token-key.ts";
import { decodeToken, encodeToken, tokenInput, verifyToken } from "./token.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** The next random bytes that the library asks for: a prefix of no length, the salt, the blinding. */
function drawing(...values: readonly Uint8Array[]): void {
  const left = [...values];
  vi.spyOn(globalThis.crypto, "getRandomValues").mockImplementation((array) => {
    const value = left.shift();
    if (!(array instanceof Uint8Array) || value?.length !== array.length) throw new Error("another draw");
    array.set(value);
    return array;
  });
}

function toBytes(value: bigint, length: number): Uint8Array<ArrayBuffer> {
  return hexToBytes(value.toString(16).padStart(2 * length, "0"));
}

function inverse(a: bigint, n: bigint): bigint {
  let [r, next, s, t] = [n, a % n, 0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next, s, t] = [next, r - quotient * next, t, s - quotient * t];
  }
  return ((s % n) + n) % n;
}

test("RFC 9474: blinding, signing and finishing give the published bytes", async () => {
  const { n, e, d, p, q, inv, salt, input_msg, blinded_msg, blind_sig, sig } = rfc9474.vector;
  const hex = (text: string) => hexToBytes(text.replace(/^0x/, ""));
  const length = hex(blinded_msg).length;
  const b64 = (value: bigint) => bytesToBase64Url(toBytes(value, Math.ceil(value.toString(16).length / 2)));
  const [P, Q, D] = [BigInt(p), BigInt(q), BigInt(d)];
  const jwk = { kty: "RSA", n: b64(BigInt(n)), e: b64(BigInt(e)) };
  const algorithm = { name: "RSA-PSS", hash: "SHA-384" };
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, true, ["verify"]);
  const suite = RSABSSA.SHA384.PSS.Deterministic();
  const message = hex(input_msg);
  drawing(hex(salt), toBytes(inverse(BigInt(inv), BigInt(n)), length));
  const blinded = await suite.blind(key, message);
  expect(bytesToHex(blinded.blindedMsg)).toBe(bytesToHex(hex(blinded_msg)));
  expect(bytesToHex(blinded.inv)).toBe(bytesToHex(toBytes(BigInt(inv), length)));
  const crt = { dp: b64(D % (P - 1n)), dq: b64(D % (Q - 1n)), qi: b64(inverse(Q, P)) };
  const privateKey = createPrivateKey({
    format: "jwk",
    key: { ...jwk, d: b64(D), p: b64(P), q: b64(Q), ...crt },
  });
  expect(bytesToHex(rawSign(privateKey, hex(blinded_msg)))).toBe(bytesToHex(hex(blind_sig)));
  const finished = await suite.finalize(key, message, hex(blind_sig), blinded.inv);
  expect(bytesToHex(finished)).toBe(bytesToHex(hex(sig)));
});

describe("RFC 9578", () => {
  test.each(rfc9578.vectors.map((vector, i) => [i + 1, vector] as const))("vector %i", async (_, vector) => {
    const pem = Buffer.from(vector.skS, "hex").toString();
    const { n = "" } = createPublicKey(pem).export({ format: "jwk" });
    const key = await importTokenKey({ modulus: base64UrlToBytes(n) });
    expect(bytesToHex(key.id)).toBe(bytesToHex(await sha256(hexToBytes(vector.pkS))));
    const token = decodeToken(hexToBytes(vector.token));
    expect(bytesToHex(encodeToken(token))).toBe(vector.token);
    expect(bytesToHex(token.nonce)).toBe(vector.nonce);
    expect(bytesToHex(token.keyId)).toBe(bytesToHex(key.id));
    expect(bytesToHex(token.challengeDigest)).toBe(
      bytesToHex(await sha256(hexToBytes(vector.token_challenge))),
    );
    drawing(new Uint8Array(0), hexToBytes(vector.salt), hexToBytes(vector.blind));
    const { authenticator: _signature, ...unsigned } = token;
    const blinded = await blindToken(unsigned, key);
    const request = concat(hexToBytes("0002"), key.id.subarray(31), blinded.blinded);
    expect(bytesToHex(request)).toBe(vector.token_request);
    const response = rawSign(createPrivateKey(pem), blinded.blinded);
    expect(bytesToHex(response)).toBe(vector.token_response);
    expect(bytesToHex(encodeToken(await blinded.finish(response)))).toBe(vector.token);
    expect(await verifyToken(token, key)).toBe(true);
    for (const at of [2, 34, 66, 98, 353]) {
      const bytes = hexToBytes(vector.token);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(await verifyToken(decodeToken(bytes), key)).toBe(false);
    }
    expect(bytesToHex(tokenInput(token))).toBe(vector.token.slice(0, 2 * 98));
  });
});
