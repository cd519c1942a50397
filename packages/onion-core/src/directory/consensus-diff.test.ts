import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { concat } from "../bytes/bytes.ts";
import { truncations } from "../testing/hostile-bytes.ts";
import { testConsensus, testRelay, TEST_NOW, type TestRelay } from "../testing/directory-fixtures.ts";
import { freshKeys } from "../testing/memory-authorities.ts";
import { decodeConsensus, encodeConsensusBody } from "./consensus-codec.ts";
import { encodeConsensusDiff, verifyConsensusDiff } from "./consensus-diff.ts";
import { consensusDigest, signConsensus } from "./consensus-signatures.ts";
import type { Consensus, ConsensusContent, RelayFlag } from "./consensus.ts";

const failure = (code: string): Error => expect.objectContaining({ name: "TaborError", code }) as Error;
const COUNT = 200;
const KEYS = await freshKeys(3);
const trust = { authorities: KEYS.map(({ id }) => id), now: TEST_NOW + 1 };

let relays: readonly TestRelay[];
let base: Consensus;
let others: Consensus;
beforeAll(async () => {
  relays = await Promise.all(
    Array.from({ length: COUNT + 20 }, () => testRelay({ policy4: "accept 80,443" })),
  );
  base = (await testConsensus({ relays: relays.slice(0, COUNT), signers: KEYS })).consensus;
  others = (await testConsensus({ relays: relays.slice(COUNT), signers: KEYS })).consensus;
});

async function diffTo(content: ConsensusContent) {
  const body = encodeConsensusBody(content);
  const bytes = await signConsensus(body, KEYS);
  const { signatures } = decodeConsensus(bytes);
  const result = { content, digest: await consensusDigest(body), signatures };
  return { bytes, diff: encodeConsensusDiff({ content: base, digest: base.digest }, result), body };
}

/** The next consensus with these relays. */
function next(entries: readonly Consensus["relays"][number][]): ConsensusContent {
  const sorted = [...entries].sort((a, b) =>
    Buffer.compare(
      Buffer.from(a.descriptor.identity, "base64url"),
      Buffer.from(b.descriptor.identity, "base64url"),
    ),
  );
  const { weights, votes, issuers } = base;
  const times = { validAfter: TEST_NOW + 1, freshUntil: TEST_NOW + 2, validUntil: TEST_NOW + 100 };
  return { ...times, previous: base.digest, weights, votes, issuers, relays: sorted };
}

describe("a difference of consensuses", () => {
  test("leads from any to any other, whatever came, went, and was said otherwise", async () => {
    const some = fc.subarray(Array.from({ length: 20 }, (_, i) => i));
    const flags = fc.constantFrom<RelayFlag[]>([], ["Running"], ["BadExit", "Fast"]);
    await fc.assert(
      fc.asyncProperty(some, some, some, flags, async (gone, said, added, wanted) => {
        const kept = base.relays.flatMap((entry, i) => {
          if (gone.includes(i)) return [];
          return [said.includes(i) ? { ...entry, flags: new Set(wanted), weight: i } : entry];
        });
        const content = next([...kept, ...added.flatMap((i) => others.relays[i] ?? [])]);
        const { diff, body } = await diffTo(content);
        const verified = await verifyConsensusDiff(diff, base, trust);
        expect(Buffer.compare(encodeConsensusBody(verified), body)).toBe(0);
        expect(verified.signers).toEqual(trust.authorities);
      }),
      { numRuns: 30 },
    );
  });

  test("for 5 % churn is under 8 % of the whole, compressed as both travel", async () => {
    const content = next([...base.relays.slice(COUNT / 20), ...others.relays.slice(0, COUNT / 20)]);
    const { diff, bytes } = await diffTo(content);
    expect(deflateRawSync(diff).length).toBeLessThan(0.08 * deflateRawSync(bytes).length);
  });

  test("of a relay that has published anew brings its new descriptor", async () => {
    const [relay] = relays as [TestRelay];
    const anew = await testRelay({ capacity: 77 }, relay.key);
    const { relays: entries } = (await testConsensus({ relays: [anew], signers: KEYS })).consensus;
    const rest = base.relays.filter(({ descriptor }) => descriptor.identity !== relay.descriptor.identity);
    const { diff } = await diffTo(next([...rest, ...entries]));
    const verified = await verifyConsensusDiff(diff, base, trust);
    expect(verified.relaysById.get(relay.key.id)?.descriptor.capacity).toBe(77);
  });

  test("is refused for another consensus, cut, extended, or changed anywhere", async () => {
    const content = next([...base.relays.slice(3), ...others.relays.slice(0, 1)]);
    const { diff } = await diffTo(content);
    await expect(verifyConsensusDiff(diff, others, trust)).rejects.toThrow(failure("malformed"));
    for (const cut of truncations(diff)) {
      await expect(verifyConsensusDiff(cut, base, trust)).rejects.toThrow(failure("malformed"));
    }
    const longer = concat(diff, Uint8Array.of(0));
    await expect(verifyConsensusDiff(longer, base, trust)).rejects.toThrow(failure("malformed"));
    for (let i = 0; i < diff.length - 3 * 96; i += 5) {
      const changed = diff.with(i, (diff[i] ?? 0) ^ 1);
      await expect(verifyConsensusDiff(changed, base, trust)).rejects.toThrow(failure("malformed"));
    }
  });

  test("needs the signatures of more than half, and is not older than what is known", async () => {
    const content = next(base.relays.slice(3));
    const body = encodeConsensusBody(content);
    const signatures = decodeConsensus(await signConsensus(body, KEYS.slice(2))).signatures;
    const result = { content, digest: await consensusDigest(body), signatures };
    const weak = encodeConsensusDiff({ content: base, digest: base.digest }, result);
    await expect(verifyConsensusDiff(weak, base, trust)).rejects.toThrow("signed by 1 of 3 authorities");
    const { diff } = await diffTo(content);
    const newest = { ...base, validAfter: TEST_NOW + 2 };
    await expect(verifyConsensusDiff(diff, base, { ...trust, newest })).rejects.toThrow(failure("expired"));
  });
});
