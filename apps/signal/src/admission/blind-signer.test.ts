/** The published vectors of RFC 9578, Appendix A.2: what an issuer answers to each request. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { bytesToHex, hexToBytes } from "@tabor/onion-core";
import { expect, it } from "vitest";
import rfc9578 from "../../../../packages/blind-tokens/test-vectors/rfc9578.json" with { type: "json" };
import { signerOf } from "./blind-signer.ts";

it.each(rfc9578.vectors.map((vector, i) => [i + 1, vector] as const))(
  "signs as in vector %i",
  (_, vector) => {
    const pem = Buffer.from(vector.skS, "hex").toString();
    const signer = signerOf(createPrivateKey(pem), createPublicKey(pem));
    const blinded = hexToBytes(vector.token_request).subarray(3);
    expect(bytesToHex(signer.sign(blinded))).toBe(vector.token_response);
    for (const wrong of [new Uint8Array(255), new Uint8Array(257), signer.modulus]) {
      expect(() => signer.sign(wrong)).toThrow(expect.objectContaining({ code: "malformed" }));
    }
  },
);
