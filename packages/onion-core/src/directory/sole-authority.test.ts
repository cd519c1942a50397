import { beforeAll, describe, expect, test } from "vitest";
import { compareBytes } from "../bytes/compare.ts";
import { generateSigningKey } from "../crypto/ed25519.ts";
import { relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { SeededRandom } from "../testing/seeded-random.ts";
import { testConsensus, testId, testRelay, TEST_NOW, type TestRelay } from "../testing/directory-fixtures.ts";
import { networkOf } from "./network.ts";
import { buildConsensus } from "./sole-authority.ts";
import { consensusDigest } from "./consensus-signatures.ts";
import type { Consensus, RelayEntry, RelayFlag } from "./consensus.ts";
import { ExitPolicy } from "./exit-policy.ts";
import { choosePath } from "./path.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const policy = ExitPolicy.ofExit();
const EXIT = { policy4: policy.summary(4), policy6: policy.summary(6) };

async function consensusOf(relays: readonly TestRelay[], now = TEST_NOW): Promise<Consensus> {
  return (await testConsensus({ relays, now })).consensus;
}

function entryOf(consensus: Consensus, relay: TestRelay): RelayEntry {
  const entry = consensus.relaysById.get(relay.descriptor.identity);
  if (!entry) throw new Error("not listed");
  return entry;
}

async function flagsOf(relay: TestRelay, others: readonly TestRelay[] = []): Promise<readonly RelayFlag[]> {
  return [...entryOf(await consensusOf([relay, ...others]), relay).flags];
}

function makeRelays(n: number, fields: Parameters<typeof testRelay>[0] = {}): Promise<readonly TestRelay[]> {
  return Promise.all(Array.from({ length: n }, () => testRelay(fields)));
}

describe("a network of four Node relays, two of them exits", () => {
  let middles: readonly TestRelay[];
  let exits: readonly TestRelay[];
  let consensus: Consensus;
  beforeAll(async () => {
    [middles, exits] = await Promise.all([makeRelays(2), makeRelays(2, EXIT)]);
    consensus = await consensusOf([...exits, ...middles]);
  });

  test("the two that are no exits are its guards", () => {
    for (const relay of middles) expect(entryOf(consensus, relay).flags).toContain("Guard");
    for (const relay of exits)
      expect([...entryOf(consensus, relay).flags]).toEqual(["Running", "Valid", "Exit", "Stable", "Fast"]);
  });

  test("whatever guard a client keeps, both exits serve it over both others", () => {
    const random = new SeededRandom(1);
    for (const { descriptor } of middles) {
      const paths = Array.from({ length: 200 }, () =>
        choosePath({
          ...{ consensus, random, target: { port: 443 } },
          guard: () => consensus.relaysById.get(descriptor.identity),
        }),
      );
      const used = (hop: number): Set<RelayId | undefined> =>
        new Set(paths.map((path) => path[hop]?.descriptor.identity));
      expect(used(2).size).toBe(2);
      expect(used(1).size).toBe(3);
    }
  });

  test("the bandwidth weights spare exits and guards for their positions", () => {
    expect(consensus.weights).toEqual({
      ...{ Wgg: 6669, Wgd: 3333, Wmg: 3331, Wmd: 3333, Wme: 3332, Wee: 6668, Wed: 3333 },
    });
  });
});

describe("flags", () => {
  test("a fast Node relay is a guard; a slow one, or a tab, is not", async () => {
    expect(await flagsOf(await testRelay())).toEqual(["Running", "Valid", "Guard", "Stable", "Fast"]);
    expect(await flagsOf(await testRelay({ capacity: 100 }))).toContain("Guard");
    expect(await flagsOf(await testRelay({ capacity: 99 }))).toEqual(["Running", "Valid", "Stable"]);
    expect(await flagsOf(await testRelay({ platform: "tab" }))).toEqual(["Running", "Valid", "Fast"]);
  });

  test.each([
    ["accept 80", "reject 1-65535", true],
    ["reject 1-65535", "accept 443", true],
    ["reject 80", "reject 1-65535", true],
    ["accept 22,8080", "reject 80,443", false],
  ])("Exit for %j and %j: %j", async (policy4, policy6, expected) => {
    expect((await flagsOf(await testRelay({ policy4, policy6 }))).includes("Exit")).toBe(expected);
  });

  test("exits are guards too where they are plentiful: five, with more than a third of the weight", async () => {
    const four = await makeRelays(4, EXIT);
    const one = await testRelay(EXIT);
    expect(await flagsOf(one, four)).toContain("Guard");
    expect(await flagsOf(one, four.slice(1))).not.toContain("Guard");
    expect(await flagsOf(one, [...four, ...(await makeRelays(9))])).toContain("Guard");
    expect(await flagsOf(one, [...four, ...(await makeRelays(10))])).not.toContain("Guard");
  });

  test("the youngest eighth of the Node relays are no guards, until they have been there for 8 days", async () => {
    const old = await makeRelays(7);
    const tabs = (await makeRelays(20, { platform: "tab" })).map((tab) => ({ ...tab, since: TEST_NOW + 2 }));
    const young = { ...(await testRelay()), since: TEST_NOW + 1 };
    expect(await flagsOf(young, old.slice(1))).toContain("Guard");
    expect(await flagsOf(young, [...old, ...tabs])).not.toContain("Guard");
    for (const relay of old) expect(await flagsOf(relay, [young])).toContain("Guard");
    const known = { ...young, since: TEST_NOW - 8 * DAY };
    const older = old.map((relay) => ({ ...relay, since: TEST_NOW - 9 * DAY }));
    expect(await flagsOf(known, older)).toContain("Guard");
    expect(await flagsOf({ ...known, since: known.since + 1 }, older)).not.toContain("Guard");
  });
});

describe("weights", () => {
  async function weightsOf(...capacities: readonly number[]): Promise<readonly number[]> {
    const relays = await Promise.all(capacities.map((capacity) => testRelay({ capacity })));
    const consensus = await consensusOf(relays);
    return relays.map((relay) => entryOf(consensus, relay).weight);
  }

  test("are capacities, at most twice their median", async () => {
    expect(await weightsOf(500, 1000, 1500, 2000)).toEqual([500, 1000, 1500, 2000]);
    expect(await weightsOf(1000, 1000, 1000, 2 ** 32 - 1)).toEqual([1000, 1000, 1000, 2000]);
    expect(await weightsOf(1000, 2 ** 32 - 1)).toEqual([1000, 2000]);
  });

  test("are at most 128 MiB/s, even if all boast", async () => {
    expect(await weightsOf(2 ** 32 - 1, 2 ** 32 - 1)).toEqual([131_072, 131_072]);
  });

  test("of Node relays do not depend on how many weak tabs there are", async () => {
    const tabs = await makeRelays(9, { platform: "tab", capacity: 100 });
    const node = await testRelay({ capacity: 10_000 });
    expect(entryOf(await consensusOf([node, ...tabs]), node).weight).toBe(10_000);
  });
});

describe("the document", () => {
  test("lists relays by identity, whatever order they joined in", async () => {
    const relays = await makeRelays(8);
    const listed = (await consensusOf(relays)).relays.map(({ descriptor }) =>
      relayIdToBytes(descriptor.identity),
    );
    expect(listed).toEqual([...listed].sort(compareBytes));
    expect((await consensusOf([...relays].reverse())).relays).toEqual((await consensusOf(relays)).relays);
  });

  test("is fresh for 2 minutes, valid for 10, and names no predecessor at first", async () => {
    const { content } = await buildConsensus({ authority: testId(1), relays: [], now: TEST_NOW });
    expect(content).toMatchObject({
      validAfter: TEST_NOW,
      freshUntil: TEST_NOW + 2 * MINUTE,
      validUntil: TEST_NOW + 10 * MINUTE,
      previous: new Uint8Array(32),
      relays: [],
    });
  });

  test("names the digest of its predecessor, and is later even if the clock went back", async () => {
    const predecessor = await buildConsensus({ authority: testId(1), relays: [], now: TEST_NOW });
    const next = await buildConsensus({
      authority: testId(1),
      relays: [],
      now: TEST_NOW - MINUTE,
      predecessor,
    });
    expect(next.content.previous).toEqual(await consensusDigest(predecessor.body));
    expect(next.content.validAfter).toBe(TEST_NOW + 1);
  });

  test("leaves out relays whose descriptor has expired", async () => {
    const [old, young] = await Promise.all([
      testRelay({ published: TEST_NOW - DAY }),
      testRelay({ published: TEST_NOW - DAY + 1 }),
    ]);
    const { content } = await buildConsensus({ authority: testId(1), relays: [old, young], now: TEST_NOW });
    expect(content.relays.map(({ descriptor }) => descriptor)).toEqual([young.descriptor]);
  });

  test("is not made of two descriptors of one relay", async () => {
    const { key } = await generateSigningKey();
    const relays = [await testRelay({}, key), await testRelay({}, key)];
    await expect(buildConsensus({ authority: testId(1), relays, now: TEST_NOW })).rejects.toMatchObject({
      code: "usage",
    });
  });
});

test.each([
  ["8.8.4.4", [8, 8]],
  ["::ffff:8.8.4.4", [8, 8]],
  ["2002:808:404::1", [8, 8]],
  ["2a00:1450:4001::1", [0x2a, 0, 0x14, 0x50]],
  ["127.0.0.1", []],
  ["::1", []],
  ["::ffff:10.0.0.1", []],
  ["fe80::1%eth0", []],
  ["unix", []],
])("networkOf(%j) is %j", (address, network) => {
  expect([...networkOf(address)]).toEqual(network);
});
