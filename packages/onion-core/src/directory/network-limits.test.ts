import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { testRelay, TEST_NOW, type TestRelay } from "../testing/directory-fixtures.ts";
import { networkOf } from "./network.ts";
import { networkShares, withinNetworkLimits } from "./network-limits.ts";
import { assessRelays } from "./relay-flags.ts";
import type { JoinedRelay } from "./joined-relay.ts";

let made: TestRelay;
beforeAll(async () => {
  made = await testRelay();
});

/** @param since minutes after the first */
const at = (address: string, since = 0): JoinedRelay => ({
  ...{ descriptor: made.descriptor, descriptorBytes: made.descriptorBytes },
  ...{ address, since: TEST_NOW + since * 60_000 },
});
const times = (n: number, address: (i: number) => string): readonly JoinedRelay[] =>
  Array.from({ length: n }, (_, i) => at(address(i), i));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe("relays of one address or network", () => {
  test("are eight for an address: those that came first", () => {
    const relays = times(12, () => "203.0.112.7");
    expect(withinNetworkLimits([...relays].reverse())).toEqual(new Set(relays.slice(0, 8)));
  });

  test("are 64 for a network, however many addresses it has", () => {
    const relays = times(100, (i) => `198.20.${String(i)}.1`);
    expect(withinNetworkLimits(relays)).toEqual(new Set(relays.slice(0, 64)));
    const elsewhere = at("198.21.0.1", 200);
    expect(withinNetworkLimits([...relays, elsewhere])).toContain(elsewhere);
  });

  test("are 64 for an IPv6 network of 32 bits: nobody gets more of it by taking further addresses", () => {
    const relays = times(100, (i) => `2a02:8109:${String(i)}::1`);
    expect(withinNetworkLimits(relays).size).toBe(64);
  });

  test("are not counted on the directory's own machine or house", () => {
    for (const address of ["127.0.0.1", "192.168.1.9", "::1"])
      expect(withinNetworkLimits(times(200, () => address)).size).toBe(200);
  });

  test("beyond that have no flags and no weight, and raise nobody's median", () => {
    const relays = times(9, () => "203.0.112.7");
    const assess = assessRelays(relays, TEST_NOW);
    const last = relays.at(-1);
    expect(last && [...assess(last).flags]).toEqual([]);
    expect(last && assess(last).weight).toBe(0);
    expect(relays.slice(0, 8).every((relay) => assess(relay).flags.has("Running"))).toBe(true);
  });
});

describe("the share of a network", () => {
  test("of many is a twentieth of the whole, whatever its relays offer", () => {
    const crowd = times(60, () => "9.9.0.1");
    const others = times(100, (i) => `${String(i + 10)}.1.0.1`);
    const relays = [...crowd, ...others];
    const shareOf = networkShares(relays, () => 100);
    expect(sum(crowd.map((relay) => 100 * shareOf(relay)))).toBeCloseTo(0.05 * 160 * 100);
    expect(others.every((relay) => shareOf(relay) === 1)).toBe(true);
  });

  test("is never above its bound, nor anybody's raised, nor that of addresses that are not public lowered", () => {
    const address = fc.constantFrom(
      "9.9.0.1",
      "9.9.7.7",
      "8.1.1.1",
      "7.1.1.1",
      "6.1.1.1",
      "127.0.0.1",
      "2a02:1::1",
    );
    const some = fc.array(fc.record({ address, weight: fc.nat(100_000) }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(some, (all) => {
        const weights = new Map(all.map(({ address: from, weight }) => [at(from), weight]));
        const relays = [...weights.keys()];
        const weightOf = (relay: JoinedRelay): number => weights.get(relay) ?? 0;
        const shareOf = networkShares(relays, weightOf);
        const networks = new Map<string, readonly JoinedRelay[]>();
        for (const relay of relays) {
          const name = networkOf(relay.address).join(".");
          networks.set(name, [...(networks.get(name) ?? []), relay]);
        }
        const most = Math.max(0.05, 2 / networks.size) * sum([...weights.values()]);
        for (const [name, members] of networks) {
          expect(members.every((relay) => shareOf(relay) <= 1)).toBe(true);
          const carried = sum(members.map((relay) => weightOf(relay) * shareOf(relay)));
          if (name === "") expect(members.every((relay) => shareOf(relay) === 1)).toBe(true);
          else expect(carried).toBeLessThanOrEqual(most * (1 + 1e-9));
        }
      }),
    );
  });
});
