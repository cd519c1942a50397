/**
 * What issuer and guards know together, with everything written down and the issuer's private key: RFC 9474 §7.1 says that a
 * signature has nothing to do with any one of the blinded messages.
 */
import { bytesToHex } from "@tabor/onion-core";
import { testId, TEST_NOW } from "@tabor/onion-core/testing";
import { beforeAll, expect, test } from "vitest";
import { blindToken } from "./blind-token.ts";
import { TestIssuer } from "./testing/test-issuer.ts";
import { challengeDigest } from "./token-challenge.ts";
import { importTokenKey } from "./token-key.ts";
import { decodeToken, encodeToken, type Token } from "./token.ts";

const GUARDS = [testId(11), testId(12)];
const EACH = 3;
const E = 65_537n;

/** One draw, with the blinding that only its member knows. */
interface Draw {
  readonly member: string;
  /** The issuer's log. */
  readonly blinded: bigint;
  readonly signature: bigint;
  /** What a guard was shown. */
  readonly token: Token;
}

const issuer = new TestIssuer(testId(1), TEST_NOW);
const n = toInteger(issuer.issuer.modulus);
const draws: Draw[] = [];

beforeAll(async () => {
  const key = await importTokenKey(issuer.issuer);
  for (const member of ["Ada", "Berta"]) {
    for (let i = 0; i < EACH; i++) {
      const origin = GUARDS[i % GUARDS.length] ?? testId(11);
      const digest = await challengeDigest({ issuer: testId(1), origin });
      const nonce = crypto.getRandomValues(new Uint8Array(32));
      const blind = await blindToken({ nonce, challengeDigest: digest, keyId: key.id }, key);
      const token = decodeToken(encodeToken(await blind.finish(issuer.sign(blind.blinded))));
      const seen = issuer.log.at(-1);
      if (seen === undefined) throw new Error("nothing was logged");
      draws.push({ member, token, blinded: toInteger(seen.blinded), signature: toInteger(seen.signature) });
    }
  }
}, 120_000);

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(bytes)}`);
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base % n];
  for (let bits = exponent; bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = (result * square) % n;
    square = (square * square) % n;
  }
  return result;
}

function inverse(a: bigint): bigint {
  let [r, next, s, t] = [n, a % n, 0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next, s, t] = [next, r - quotient * next, t, s - quotient * t];
  }
  expect(r).toBe(1n);
  return ((s % n) + n) % n;
}

/** The one blinding with which this token would have left that entry in the log. */
function blindingOf({ token }: Draw, entry: Draw): bigint {
  return (entry.signature * inverse(toInteger(token.authenticator))) % n;
}

test("every token fits every entry of the issuer's log, by exactly one blinding", () => {
  for (const token of draws) {
    const encoded = power(toInteger(token.token.authenticator), E);
    for (const entry of draws) {
      const r = blindingOf(token, entry);
      expect((encoded * power(r, E)) % n).toBe(entry.blinded);
      // And what the member would then have made of the answer is this very token.
      expect((entry.signature * inverse(r)) % n).toBe(toInteger(token.token.authenticator));
    }
  }
});

test("so what was logged and shown of any two members could be each other's, as likely as not", () => {
  const mine = (member: string) => draws.filter((draw) => draw.member === member);
  const [ada, berta] = [mine("Ada"), mine("Berta")];
  const asWas = [...ada, ...berta].map((draw) => blindingOf(draw, draw));
  const swapped = ada.flatMap((draw, i) => {
    const other = berta[i];
    return other === undefined ? [] : [blindingOf(draw, other), blindingOf(other, draw)];
  });
  expect(swapped).toHaveLength(asWas.length);
  // Blindings are drawn uniformly below n, so each set is as likely as the other. A blinding that was short, or used twice, would tell.
  for (const blindings of [asWas, swapped]) {
    expect(new Set(blindings).size).toBe(blindings.length);
    for (const r of blindings) expect(r.toString(2).length).toBeGreaterThan(2048 - 100);
  }
});

test("nothing else in a token is a member's", () => {
  const digests = (member: string) =>
    draws.filter((draw) => draw.member === member).map(({ token }) => bytesToHex(token.challengeDigest));
  expect(digests("Ada")).toEqual(digests("Berta"));
  expect(new Set(draws.map(({ token }) => bytesToHex(token.keyId))).size).toBe(1);
  expect(new Set(draws.map(({ token }) => bytesToHex(token.nonce))).size).toBe(draws.length);
});
