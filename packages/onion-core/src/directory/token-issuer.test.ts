import { describe, expect, test } from "vitest";
import { concat } from "../bytes/bytes.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import type { SigningKey } from "../crypto/ed25519.ts";
import { testConsensus, testId, testIssuerKey, testRelay, TEST_NOW } from "../testing/directory-fixtures.ts";
import { alterations, truncations } from "../testing/hostile-bytes.ts";
import { freshKeys } from "../testing/memory-authorities.ts";
import { castVote } from "./cast-vote.ts";
import { decodeConsensus, encodeConsensusBody } from "./consensus-codec.ts";
import { encodeConsensusDiff, verifyConsensusDiff } from "./consensus-diff.ts";
import { signConsensus, verifyConsensus } from "./consensus-signatures.ts";
import { buildConsensus } from "./sole-authority.ts";
import { consensusFromVotes } from "./tally.ts";
import {
  issuersOf,
  readIssuerKeys,
  readIssuers,
  writeIssuerKeys,
  writeIssuers,
  type IssuerKey,
} from "./token-issuer.ts";

const failure = (code: string): Error => expect.objectContaining({ name: "TaborError", code }) as Error;
const keys = [testIssuerKey(TEST_NOW), testIssuerKey(TEST_NOW + 1)] as const;

function written(own: readonly IssuerKey[]): Uint8Array {
  const writer = new Writer();
  writeIssuerKeys(writer, own);
  return writer.finish();
}

function read(bytes: Uint8Array): readonly IssuerKey[] {
  const reader = new Reader(bytes, "issuers");
  const own = readIssuerKeys(reader);
  reader.finish();
  return own;
}

describe("issuers of an authority", () => {
  test("are read as they were written, and nothing else has their form", () => {
    for (const own of [[], keys.slice(0, 1), keys]) expect(read(written(own))).toEqual(own);
    for (const cut of truncations(written(keys))) expect(() => read(cut)).toThrow(failure("malformed"));
    for (const bytes of alterations(written(keys))) {
      try {
        expect(written(read(bytes))).toEqual(bytes);
      } catch (error) {
        expect(error).toEqual(failure("malformed"));
      }
    }
  });

  test("are two at most, in order of time, each with a modulus of 2048 bits that is odd", () => {
    const [first, second] = keys;
    const third = testIssuerKey(TEST_NOW + 2);
    const short = { ...first, modulus: first.modulus.slice(1) };
    const small = { ...first, modulus: first.modulus.with(0, 0x7f) };
    const even = { ...first, modulus: first.modulus.with(255, 2) };
    const over = { ...first, until: first.from };
    for (const wrong of [
      [second, first],
      [first, first],
      [...keys, third],
      [short],
      [small],
      [even],
      [over],
    ]) {
      expect(() => written(wrong)).toThrow(failure("usage"));
    }
    expect(() => read(concat(Uint8Array.of(3), written(keys).slice(1)))).toThrow(failure("malformed"));
  });
});

test("a consensus lists each authority's own issuers, whatever the order of the votes", () => {
  const votes = [3, 1, 2].map((n) => {
    const authority = testId(n);
    const issuers = n === 2 ? [] : keys;
    const previous = new Uint8Array(32);
    const vote = castVote({ authority, relays: [], previous, issuers, validAfter: TEST_NOW, now: TEST_NOW });
    return { authority, digest: new Uint8Array(32), vote };
  });
  const tally = (counted: typeof votes) =>
    consensusFromVotes({
      validAfter: TEST_NOW,
      votes: counted,
      selection: [],
      descriptorOf: () => undefined,
    });
  const { content, body } = tally(votes);
  expect(content.issuers).toHaveLength(4);
  expect(new Set(content.issuers.map(({ authority }) => authority))).toEqual(new Set([testId(1), testId(3)]));
  expect(tally([...votes].reverse()).body).toEqual(body);
  expect(decodeConsensus(concat(body, Uint8Array.of(0))).content).toEqual(content);
  const [first] = content.issuers;
  if (first === undefined) throw new Error("no issuer");
  expect(() => encodeConsensusBody({ ...content, issuers: [first, first] })).toThrow(failure("usage"));
});

test("the issuers of a consensus are refused unless they rise by authority and time", () => {
  const issuers = issuersOf([1, 2].map((n) => ({ authority: testId(n), issuers: keys })));
  const bytes = (listed: typeof issuers): Uint8Array => {
    const parts = listed.map((issuer) => {
      const writer = new Writer();
      writeIssuers(writer, [issuer]);
      return writer.finish().slice(1);
    });
    return concat(Uint8Array.of(listed.length), ...parts);
  };
  expect(readIssuers(new Reader(bytes(issuers), "issuers"))).toEqual(issuers);
  for (const cut of truncations(bytes(issuers))) {
    expect(() => readIssuers(new Reader(cut, "issuers"))).toThrow(failure("malformed"));
  }
  for (const wrong of [[...issuers].reverse(), [...issuers, ...issuers]]) {
    expect(() => readIssuers(new Reader(bytes(wrong), "issuers"))).toThrow(failure("malformed"));
  }
});

test("a difference brings new issuers to those who have the consensus before", async () => {
  const [signer] = (await freshKeys(1)) as [SigningKey];
  const relay = await testRelay();
  const first = await buildConsensus({ authority: signer.id, relays: [relay], now: TEST_NOW });
  const second = await buildConsensus({
    ...{ authority: signer.id, relays: [relay], issuers: keys, predecessor: first, now: TEST_NOW + 1000 },
  });
  const trust = { authorities: [signer.id], now: TEST_NOW + 1000, newest: undefined };
  const base = await verifyConsensus(await signConsensus(first.body, [signer]), trust);
  const signed = await signConsensus(second.body, [signer]);
  const { digest } = await verifyConsensus(signed, trust);
  const { signatures } = decodeConsensus(signed);
  const diff = encodeConsensusDiff({ content: base, digest: base.digest }, { ...second, digest, signatures });
  const { issuers } = await verifyConsensusDiff(diff, base, trust);
  expect(issuers).toEqual(keys.map((key) => ({ authority: signer.id, ...key })));
});

test("a network that is open has none", async () => {
  const signers = await freshKeys(1);
  const { consensus } = await testConsensus({ relays: [], signers });
  expect(consensus.issuers).toEqual([]);
});
