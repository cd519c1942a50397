import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { concat } from "../bytes/bytes.ts";
import { compareBytes } from "../bytes/compare.ts";
import { generateSigningKey, type SigningKey } from "../crypto/ed25519.ts";
import type { RelayId } from "../crypto/ids.ts";
import { testConsensus, testRelay, TEST_NOW, type TestRelay } from "../testing/directory-fixtures.ts";
import { decodeConsensus, encodeConsensus, encodeConsensusBody } from "./consensus-codec.ts";
import { consensusDigest, signConsensus, verifyConsensus } from "./consensus-signatures.ts";
import type { Consensus, RelayFlag } from "./consensus.ts";

const failure = (code: string): Error => expect.objectContaining({ name: "TaborError", code }) as Error;
const MINUTE = 60_000;
const SIGNATURE = 32 + 64;

let keys: readonly SigningKey[];
let stranger: SigningKey;
let relays: readonly TestRelay[];
let ids: readonly RelayId[];
let body: Uint8Array;
let consensus: Consensus;
beforeAll(async () => {
  const made = await Promise.all([1, 2, 3, 4].map(async () => (await generateSigningKey()).key));
  const [first, ...others] = made.sort((a, b) => compareBytes(a.publicKey, b.publicKey));
  if (!first) throw new Error("no key");
  [stranger, keys] = [first, others];
  ids = keys.map(({ id }) => id);
  relays = await Promise.all([testRelay(), testRelay({ policy4: "accept 80,443" }), testRelay()]);
  const signed = await testConsensus({ relays, signers: keys });
  consensus = signed.consensus;
  body = decodeConsensus(signed.bytes).body;
});

function verify(bytes: Uint8Array, now = TEST_NOW, newest?: Consensus): Promise<Consensus> {
  return verifyConsensus(bytes, { authorities: ids, now, newest });
}

/** The body, with signatures as given: in this order, and as they are. */
function signedBy(...signatures: readonly { authority: Uint8Array; signature: Uint8Array }[]): Uint8Array {
  const listed = signatures.flatMap(({ authority, signature }) => [authority, signature]);
  return concat(body, Uint8Array.of(signatures.length), ...listed);
}

describe("the bytes of a consensus", () => {
  test("encode again exactly as they were", async () => {
    const bytes = await signConsensus(body, keys);
    const decoded = decodeConsensus(bytes);
    expect(encodeConsensusBody(decoded.content)).toEqual(body);
    expect(encodeConsensus(decoded.body, decoded.signatures)).toEqual(bytes);
  });

  test("round trip for all flags, weights and networks", () => {
    const flag = fc.constantFrom<RelayFlag>("Running", "Valid", "Guard", "Exit", "Stable", "Fast", "BadExit");
    const entry = fc.record({
      flags: fc.uniqueArray(flag).map((flags) => new Set(flags)),
      weight: fc.integer({ min: 0, max: 0xffffffff }),
      network: fc.constantFrom(0, 2, 4).chain((n) => fc.uint8Array({ minLength: n, maxLength: n })),
    });
    const share = fc.integer({ min: 0, max: 10_000 });
    const weights = fc.record({
      ...{ Wgg: share, Wgd: share, Wmg: share, Wmd: share, Wme: share, Wee: share, Wed: share },
    });
    const previous = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 3 }), weights, previous, (said, wanted, digest) => {
        const entries = consensus.relays.slice(0, said.length).map((relay, i) => ({ ...relay, ...said[i] }));
        const encoded = encodeConsensusBody({
          ...consensus,
          previous: digest,
          weights: wanted,
          relays: entries,
        });
        const { content } = decodeConsensus(concat(encoded, Uint8Array.of(0)));
        expect(content.relays).toEqual(entries);
        expect(content.weights).toEqual(wanted);
        expect(content.previous).toEqual(digest);
        expect(encodeConsensusBody(content)).toEqual(encoded);
      }),
    );
  });

  test("hold as many relays as there are", async () => {
    const many = await Promise.all(Array.from({ length: 300 }, () => testRelay()));
    const large = await testConsensus({ relays: many });
    expect(large.bytes.length).toBeGreaterThan(300 * 200);
    expect(large.consensus.relaysById.size).toBe(300);
  });

  test("are read from a view that does not start at zero, and none of it is kept", async () => {
    const bytes = await signConsensus(body, keys);
    const framed = concat(Uint8Array.of(9, 9, 9), bytes, Uint8Array.of(9));
    const read = await verify(framed.subarray(3, 3 + bytes.length));
    framed.fill(0);
    expect(read).toEqual(consensus);
  });

  test("are refused at every truncation and with an extra byte", async () => {
    const bytes = await signConsensus(body, keys);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeConsensus(bytes.subarray(0, length))).toThrow(failure("malformed"));
    }
    expect(() => decodeConsensus(concat(bytes, Uint8Array.of(0)))).toThrow(failure("malformed"));
  });

  test("are not written with relays or signatures out of order", async () => {
    const backwards = { ...consensus, relays: [...consensus.relays].reverse() };
    expect(() => encodeConsensusBody(backwards)).toThrow(failure("usage"));
    const twice = [...consensus.relays.slice(0, 1), ...consensus.relays];
    expect(() => encodeConsensusBody({ ...consensus, relays: twice })).toThrow(failure("usage"));
    await expect(signConsensus(body, [...keys, ...keys])).rejects.toThrow(failure("usage"));
  });

  /** Where things lie before the relays, and in the first relay. */
  const HEADER = 1 + 24 + 32 + 14 + 1 + 64 + 1 + 4;
  test.each([
    ["another version", 0, [1]],
    ["a number of relays that lies", HEADER - 4, [0xff, 0xff, 0xff, 0xff]],
    ["a bandwidth weight above 10000", HEADER - 84, [0x27, 0x11]],
    ["valid-after that is not before fresh-until", 1, [0, 1, 0, 0, 0, 0, 0, 0]],
    ["fresh-until after valid-until", 9, [0, 1, 0, 0, 0, 0, 0, 0]],
    ["an unknown flag", HEADER, [1, 0]],
    ["a network of 1 byte", HEADER + 6, [1]],
    ["a descriptor of impossible length", HEADER + 7, [0, 1]],
    ["relays that fall", HEADER + 10, new Array<number>(32).fill(0xff)],
  ])("are malformed with %s", async (_, offset, patch) => {
    const bytes = await signConsensus(body, keys);
    bytes.set(patch, offset);
    expect(() => decodeConsensus(bytes)).toThrow(failure("malformed"));
  });
});

describe("signatures", () => {
  test("of all authorities: accepted, and the relays are found by identity", async () => {
    const verified = await verify(await signConsensus(body, keys));
    expect(verified.signers).toEqual(ids);
    for (const { descriptor, descriptorBytes } of relays) {
      const entry = verified.relaysById.get(descriptor.identity);
      expect(entry?.descriptor).toEqual(descriptor);
      expect(entry?.descriptorBytes).toEqual(descriptorBytes);
    }
  });

  test("of two of three: accepted; of one of three: refused", async () => {
    expect((await verify(await signConsensus(body, keys.slice(1)))).signers).toEqual(ids.slice(1));
    await expect(verify(await signConsensus(body, keys.slice(2)))).rejects.toThrow(failure("not-authentic"));
    await expect(verify(await signConsensus(body, []))).rejects.toThrow(failure("not-authentic"));
  });

  test("of exactly half: refused", async () => {
    const bytes = await signConsensus(body, keys.slice(0, 2));
    const authorities = [...ids, stranger.id];
    await expect(verifyConsensus(bytes, { authorities, now: TEST_NOW })).rejects.toThrow(
      failure("not-authentic"),
    );
  });

  test("with no authority configured nothing is accepted", async () => {
    const bytes = await signConsensus(body, keys);
    await expect(verifyConsensus(bytes, { authorities: [], now: TEST_NOW })).rejects.toThrow(
      failure("not-authentic"),
    );
  });

  test("an authority that is configured twice counts once", async () => {
    const [one, two] = ids as [RelayId, RelayId];
    const bytes = await signConsensus(body, keys.slice(0, 1));
    const trust = { authorities: [one, one, two], now: TEST_NOW };
    await expect(verifyConsensus(bytes, trust)).rejects.toThrow(failure("not-authentic"));
  });

  test("of strangers count for nothing, and do no harm", async () => {
    const withStranger = await signConsensus(body, [stranger, ...keys.slice(0, 1)]);
    await expect(verify(withStranger)).rejects.toThrow(failure("not-authentic"));
    expect((await verify(await signConsensus(body, [stranger, ...keys]))).signers).toEqual(ids);
  });

  test("twice of one authority are malformed, as are signatures out of order", async () => {
    const { signatures } = decodeConsensus(await signConsensus(body, keys));
    const [one, two] = signatures as [(typeof signatures)[0], (typeof signatures)[0]];
    await expect(verify(signedBy(one, one, two))).rejects.toThrow(failure("malformed"));
    await expect(verify(signedBy(two, one))).rejects.toThrow(failure("malformed"));
    expect((await verify(signedBy(one, two))).signers).toEqual(ids.slice(0, 2));
  });

  test("that are wrong count for nothing", async () => {
    const { signatures } = decodeConsensus(await signConsensus(body, keys));
    const [one, two, three] = signatures as [
      (typeof signatures)[0],
      (typeof signatures)[0],
      (typeof signatures)[0],
    ];
    const lifted = { authority: one.authority, signature: two.signature };
    expect((await verify(signedBy(lifted, two, three))).signers).toEqual(ids.slice(1));
    const zeros = { authority: two.authority, signature: new Uint8Array(64) };
    await expect(verify(signedBy(lifted, zeros, three))).rejects.toThrow(failure("not-authentic"));
  });

  test("do not survive a change of any byte of the body", async () => {
    const bytes = await signConsensus(body, keys);
    for (let i = 0; i < bytes.length - keys.length * SIGNATURE - 1; i += 7) {
      const changed = bytes.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      await expect(verify(changed)).rejects.toThrow();
    }
  });

  test("that were made for another purpose count for nothing", async () => {
    const withoutPurpose = keys.map(async (key) => ({
      authority: key.publicKey,
      signature: await key.sign(body),
    }));
    const bytes = signedBy(...(await Promise.all(withoutPurpose)));
    await expect(verify(bytes)).rejects.toThrow(failure("not-authentic"));
  });
});

describe("time", () => {
  test("valid from a minute before valid-after until before valid-until", async () => {
    const bytes = await signConsensus(body, keys);
    await expect(verify(bytes, TEST_NOW - MINUTE)).resolves.toBeDefined();
    await expect(verify(bytes, TEST_NOW + 10 * MINUTE - 1)).resolves.toBeDefined();
    await expect(verify(bytes, TEST_NOW - MINUTE - 1)).rejects.toThrow(failure("expired"));
    await expect(verify(bytes, TEST_NOW + 10 * MINUTE)).rejects.toThrow(failure("expired"));
  });

  test("not older than the newest that is known; the same again is fine", async () => {
    const bytes = await signConsensus(body, keys);
    const later = await testConsensus({ relays, signers: keys, now: TEST_NOW + 1, predecessor: bytes });
    await expect(verify(bytes, TEST_NOW + 1, later.consensus)).rejects.toThrow(failure("expired"));
    await expect(verify(bytes, TEST_NOW, consensus)).resolves.toBeDefined();
    await expect(verify(later.bytes, TEST_NOW + 1, consensus)).resolves.toBeDefined();
  });
});

test("consensusDigest is SHA-256, and does not depend on the signatures", async () => {
  const expected = new Uint8Array(createHash("sha256").update(body).digest());
  expect(await consensusDigest(body)).toEqual(expected);
  const one = await signConsensus(body, keys.slice(1));
  expect(await consensusDigest(decodeConsensus(one).body)).toEqual(expected);
});
