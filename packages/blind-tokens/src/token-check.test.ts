import { generateKeyPairSync } from "node:crypto";
import { bytesToHex, type RelayId } from "@tabor/onion-core";
import { testId, TEST_NOW, VirtualClock } from "@tabor/onion-core/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { blindToken } from "./blind-token.ts";
import { TestIssuer } from "./testing/test-issuer.ts";
import type { SpentToken } from "./spent-tokens.ts";
import { TokenCheck } from "./token-check.ts";
import { challengeDigest } from "./token-challenge.ts";
import { importTokenKey } from "./token-key.ts";
import { TokenWallet } from "./token-wallet.ts";
import { decodeToken, encodeToken } from "./token.ts";

const GUARD = testId(11);
const OTHER = testId(12);
const refused = { code: "not-authentic", message: "the token is not good here" };

let issuer: TestIssuer;
let next: TestIssuer;
let clock: VirtualClock;
let check: TokenCheck;
beforeAll(() => {
  issuer = new TestIssuer(testId(1), TEST_NOW);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  next = new TestIssuer(testId(1), TEST_NOW + 1, privateKey);
}, 120_000);
beforeEach(() => {
  clock = new VirtualClock(TEST_NOW);
  check = new TokenCheck(GUARD, clock);
});

async function token(origin: RelayId, by = issuer): Promise<Uint8Array> {
  const { id, ...key } = await importTokenKey(by.issuer);
  const digest = await challengeDigest({ issuer: by.issuer.authority, origin });
  const nonce = crypto.getRandomValues(new Uint8Array(32));
  const blind = await blindToken({ nonce, challengeDigest: digest, keyId: id }, { id, ...key });
  return encodeToken(await blind.finish(by.sign(blind.blinded)));
}

describe("a token", () => {
  test("is good once, at the place that it is for, however many bring it at once", async () => {
    const bytes = await token(GUARD);
    const attempts = await Promise.allSettled([1, 2, 3].map(() => check.spend(bytes, [issuer.issuer])));
    expect(attempts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(check.spend(bytes, [issuer.issuer])).rejects.toMatchObject(refused);
  });

  test("stays spent when its place starts again, and is good nowhere until it is kept", async () => {
    const kept: SpentToken[] = [];
    const store = { before: kept, keep: (each: SpentToken) => Promise.resolve(void kept.push(each)) };
    const bytes = await token(GUARD);
    await new TokenCheck(GUARD, clock, store).spend(bytes, [issuer.issuer]);
    const again = new TokenCheck(GUARD, clock, store);
    await expect(again.spend(bytes, [issuer.issuer])).rejects.toMatchObject(refused);
    await again.spend(await token(GUARD), [issuer.issuer]);
    expect(kept).toHaveLength(2);

    const full = { before: [], keep: () => Promise.reject(new Error("no space is left")) };
    const stuck = new TokenCheck(GUARD, clock, full);
    await expect(stuck.spend(await token(GUARD), [issuer.issuer])).rejects.toMatchObject({ code: "closed" });
  });

  test("is refused by every other guard", async () => {
    const bytes = await token(OTHER);
    await expect(check.spend(bytes, [issuer.issuer])).rejects.toMatchObject(refused);
    expect(await new TokenCheck(OTHER, clock).spend(bytes, [issuer.issuer])).toHaveLength(64);
  });

  test("is refused when its key is announced no more, or another authority's, or its time is over", async () => {
    const bytes = await token(GUARD);
    await expect(check.spend(bytes, [])).rejects.toMatchObject(refused);
    await expect(check.spend(bytes, [next.issuer])).rejects.toMatchObject(refused);
    const claimed = { ...issuer.issuer, authority: testId(2) };
    await expect(check.spend(bytes, [claimed])).rejects.toMatchObject(refused);
    await clock.advance(issuer.issuer.until - clock.now());
    await expect(check.spend(bytes, [issuer.issuer])).rejects.toMatchObject(refused);
  });

  test("stays spent while its key is not announced for a while", async () => {
    const bytes = await token(GUARD);
    await check.spend(bytes, [issuer.issuer, next.issuer]);
    await check.spend(await token(GUARD, next), [next.issuer]);
    await expect(check.spend(bytes, [issuer.issuer])).rejects.toMatchObject(refused);
  });

  test("cannot be cut, altered, or signed by somebody else", async () => {
    const bytes = await token(GUARD);
    for (let length = 0; length < bytes.length; length += 7) {
      await expect(check.spend(bytes.subarray(0, length), [issuer.issuer])).rejects.toMatchObject({
        code: "malformed",
      });
    }
    for (const at of [2, 40, 70, 98, 200, 353]) {
      const altered = Uint8Array.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 0x40;
      await expect(check.spend(altered, [issuer.issuer])).rejects.toMatchObject(refused);
    }
    const forged = { ...decodeToken(bytes), keyId: (await importTokenKey(next.issuer)).id };
    await expect(check.spend(encodeToken(forged), [next.issuer])).rejects.toMatchObject(refused);
    await check.spend(bytes, [issuer.issuer]);
  });
});

describe("a wallet", () => {
  const good = () => true;

  test("draws for each place by itself, gives each token once, and draws again when none is left", async () => {
    const source = new TestIssuer(testId(1), TEST_NOW);
    const wallet = new TokenWallet({ source, clock });
    const take = (origin: RelayId) => clock.until(wallet.take(origin, good));
    const tokens = [
      await take(GUARD),
      await take(GUARD),
      await take(OTHER),
      await take(GUARD),
      await take(GUARD),
    ];
    expect(source.sessions).toBe(2);
    tokens.push(await take(GUARD));
    expect(source.sessions).toBe(3);
    expect(new Set(tokens.map(({ token: bytes }) => bytesToHex(bytes))).size).toBe(tokens.length);
    for (const [i, { token: bytes, key }] of tokens.entries()) {
      expect(decodeToken(bytes).nonce).toEqual(key.publicKey);
      if (i !== 2) await check.spend(bytes, [source.issuer]);
    }
  });

  test("draws once for all who ask at a time", async () => {
    const source = new TestIssuer(testId(1), TEST_NOW);
    const wallet = new TokenWallet({ source, clock });
    const taken = await clock.until(Promise.all([1, 2, 3].map(() => wallet.take(GUARD, good))));
    expect(source.sessions).toBe(1);
    expect(new Set(taken).size).toBe(3);
  });

  test("throws away what an epoch has left, and what was refused", async () => {
    const source = new TestIssuer(testId(1), TEST_NOW);
    const wallet = new TokenWallet({ source, clock });
    await clock.until(wallet.take(GUARD, good));
    await expect(clock.until(wallet.take(GUARD, () => false))).rejects.toMatchObject({ code: "expired" });
    await clock.until(wallet.take(GUARD, good));
    wallet.forget();
    const before = source.sessions;
    await clock.until(wallet.take(GUARD, good));
    expect(source.sessions).toBe(before + 1);
  });

  test("takes no signature that is not the announced key's: a key of its own would mark a member", async () => {
    const source = new TestIssuer(testId(1), TEST_NOW);
    const marked = {
      open: () =>
        Promise.resolve({
          ...{ issuer: source.issuer, close: () => undefined },
          draw: (_: unknown, blinded: readonly Uint8Array[]) =>
            Promise.resolve(blinded.map((one) => next.sign(one.with(0, 0)))),
        }),
    };
    const wallet = new TokenWallet({ source: marked, clock });
    await expect(clock.until(wallet.take(GUARD, good))).rejects.toMatchObject({ code: "not-authentic" });
  });
});
