import { beforeAll, describe, expect, test } from "vitest";
import { TEST_NOW, testConsensus, testId, testRelay, type TestRelay } from "../testing/directory-fixtures.ts";
import type { RelayEntry } from "./consensus.ts";
import type { JoinedRelay } from "./joined-relay.ts";
import { assessRelays } from "./relay-flags.ts";
import { selectRelays } from "./tally.ts";
import type { VotedRelay } from "./vote.ts";

let relays: readonly TestRelay[];
beforeAll(async () => {
  relays = await Promise.all(
    [...Array<number>(4).fill(1000), 1_000_000].map((capacity) => testRelay({ capacity })),
  );
});

const measured = (relay: JoinedRelay, rate: number | undefined, answers?: boolean): JoinedRelay => ({
  ...relay,
  standing: { answers, measured: rate },
});

/** Each relay with what was measured of it. */
async function entriesOf(
  rates: readonly (number | undefined)[],
): Promise<readonly (RelayEntry | undefined)[]> {
  const joined = relays.map((relay, i) => measured(relay, rates[i]));
  const { consensus } = await testConsensus({ relays: joined });
  return relays.map(({ key }) => consensus.relaysById.get(key.id));
}

const weightsOf = async (rates: readonly (number | undefined)[]) =>
  (await entriesOf(rates)).map((entry) => entry?.weight);

describe("where relays are measured", () => {
  test("each weighs what was measured, and no more than it claims", async () => {
    expect(await weightsOf([300, 400, 500, 5000, 70])).toEqual([300, 400, 500, 1000, 70]);
  });

  test("who has not been measured weighs next to nothing, however much it claims, and is not Fast", async () => {
    const entries = await entriesOf([300, 400, 500, undefined, undefined]);
    expect(entries.map((entry) => entry?.weight)).toEqual([300, 400, 500, 20, 20]);
    expect(entries.map((entry) => entry?.flags.has("Fast"))).toEqual([true, true, true, false, false]);
    expect(entries[4]?.flags.has("Guard")).toBe(false);
  });

  test("two measurements say nothing of the others: all weigh what they claim, within the caps", async () => {
    expect(await weightsOf([300, 400])).toEqual([1000, 1000, 1000, 1000, 2000]);
  });

  test("Fast is what carries 100 KiB/s, not what claims to", async () => {
    const [slow, fast] = await entriesOf([99, 100, 500, 500, 500]);
    expect([slow?.flags.has("Fast"), fast?.flags.has("Fast")]).toEqual([false, true]);
  });

  test("a network's share is of what was measured, and measuring a relay does not lift it", () => {
    const crowd = relays.slice(0, 3).map((relay) => measured({ ...relay, address: "9.9.0.1" }, 1000));
    const others = Array.from({ length: 50 }, (_, i) =>
      measured({ ...(relays[3] as TestRelay), address: `${String(i + 10)}.1.0.1` }, 20),
    );
    const assess = assessRelays([...crowd, ...others], TEST_NOW);
    const whole = 3 * 1000 + 50 * 20;
    const carried = crowd.reduce((sum, relay) => sum + (assess(relay).measured ?? 0), 0);
    expect(carried).toBeLessThanOrEqual(0.05 * whole);
    expect(carried).toBeGreaterThan(0.04 * whole);
  });
});

describe("a relay that does not answer", () => {
  test("is Valid and not Running, and has no say in what others weigh", () => {
    const [one, two, three, boaster] = relays.slice(1) as [TestRelay, TestRelay, TestRelay, TestRelay];
    const silent = [boaster, { ...boaster }, { ...boaster }].map((relay) =>
      measured(relay, undefined, false),
    );
    const answering = [one, two, three].map((relay) => measured(relay, undefined, true));
    const assess = assessRelays([...silent, ...answering], TEST_NOW);
    for (const relay of silent) expect([...assess(relay).flags]).toContain("Valid");
    for (const relay of silent) expect([...assess(relay).flags]).not.toContain("Running");
    for (const relay of answering) expect([...assess(relay).flags]).toContain("Running");
    expect(silent.map((relay) => assess(relay).weight)).toEqual([2000, 2000, 2000]);
  });
});

describe("several authorities", () => {
  const said = (measuredRate: number | undefined): VotedRelay[] =>
    [1, 2, 3, 4].map((n) => ({
      ...{ identity: testId(n), digest: new Uint8Array(32), flags: new Set<never>(), weight: 900 },
      ...{ network: new Uint8Array(0), measured: n === 4 ? undefined : measuredRate },
    }));
  const weights = (...rates: readonly (number | undefined)[]): readonly number[] => {
    const votes = rates.map((rate, i) => ({
      ...{
        authority: testId(i),
        validAfter: 1,
        previous: new Uint8Array(32),
        issuers: [],
        relays: said(rate),
      },
    }));
    return selectRelays(votes, 5).map(({ weight }) => weight);
  };

  test("cut a claim down only if more than half of all measure", () => {
    expect(weights(100, 200, 300, undefined, undefined)).toEqual([200, 200, 200, 20]);
    expect(weights(100, 200, undefined, undefined, undefined)).toEqual([900, 900, 900, 900]);
    expect(weights(100, 200, 300)).toEqual([200, 200, 200, 20]);
  });
});
