import { generateKeyPairSync } from "node:crypto";
import { blindToken, challengeDigest, encodeToken, importTokenKey } from "@tabor/blind-tokens";
import { silentLog } from "@tabor/onion-core";
import { testId, TEST_NOW, VirtualClock } from "@tabor/onion-core/testing";
import { beforeAll, expect, it } from "vitest";
import { type BlindSigner, signerOf } from "./blind-signer.ts";
import { TokenOffice } from "./token-office.ts";

const AUTHORITY = testId(1);
const MEMBER = testId(2);
const HOUR = 3_600_000;
const refused = { code: "not-authentic" };

let signers: readonly BlindSigner[];
beforeAll(() => {
  signers = [1, 2].map(() => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    return signerOf(privateKey, publicKey);
  });
}, 120_000);

async function openOffice(clock: VirtualClock) {
  const left = [...signers];
  const changes: boolean[] = [];
  const office = await TokenOffice.open({
    ...{ authority: AUTHORITY, clock, log: silentLog },
    newSigner: () => Promise.resolve(left.shift() ?? Promise.reject(new Error("no more keys"))),
    changed: ({ voided }) => changes.push(voided),
  });
  return { office, changes };
}

/** Drawn with the newest key, for the office's own directory. */
async function draw(office: TokenOffice, nonce: Uint8Array): Promise<Uint8Array> {
  const key = await importTokenKey(office.keys.at(-1) ?? { modulus: new Uint8Array(0) });
  const digest = await challengeDigest({ issuer: AUTHORITY, origin: AUTHORITY });
  const blind = await blindToken({ nonce, challengeDigest: digest, keyId: key.id }, key);
  return encodeToken(await blind.finish(office.draw(MEMBER, { key: key.id, blinded: blind.blinded })));
}

it("begins an epoch each day, takes tokens of the one before for another hour, and signs with the newest alone", async () => {
  const clock = new VirtualClock(TEST_NOW);
  const { office, changes } = await openOffice(clock);
  const nonces = [1, 2, 3].map((n) => new Uint8Array(32).fill(n));
  const [first, second, third] = nonces as [Uint8Array, Uint8Array, Uint8Array];
  const early = [await draw(office, first), await draw(office, second)] as const;
  const { id: earlier } = await importTokenKey(office.keys[0] ?? { modulus: new Uint8Array(0) });
  await clock.advance(24 * HOUR);
  await clock.settle();
  expect(changes).toEqual([false]);
  expect(office.keys.map(({ from }) => from)).toEqual([TEST_NOW, TEST_NOW + 24 * HOUR]);
  await office.spend(early[0], first);
  await office.spend(await draw(office, third), third);
  const blinded = new Uint8Array(256).fill(1);
  expect(() => office.draw(MEMBER, { key: earlier, blinded })).toThrow(
    expect.objectContaining({ code: "expired" }),
  );
  await clock.advance(HOUR);
  await expect(office.spend(early[1], second)).rejects.toMatchObject(refused);
  office.close();
});

it("goes on with the key that it has when no other can be made, and tries again", async () => {
  const clock = new VirtualClock(TEST_NOW);
  const { office, changes } = await openOffice(clock);
  await clock.advance(24 * HOUR);
  await clock.settle();
  const { keys } = office;
  await clock.advance(24 * HOUR);
  await clock.settle();
  expect(office.keys).toEqual(keys);
  expect(changes).toEqual([false]);
  office.close();
});
