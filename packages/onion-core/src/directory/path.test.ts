import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { SeededRandom } from "../testing/seeded-random.ts";
import { testEntry, testId, unsignedConsensus } from "../testing/directory-fixtures.ts";
import { UNWEIGHTED, type BandwidthWeights } from "./bandwidth-weights.ts";
import type { Consensus, RelayEntry, RelayFlag } from "./consensus.ts";
import { NAT_CLASSES, type NatClass } from "./nat.ts";
import { choosePath, mayShareCircuit, type PathRequest } from "./path.ts";
import { PathTable } from "./path-table.ts";
import { PolicySummary } from "./policy-summary.ts";

const RUNNING: readonly RelayFlag[] = ["Running", "Valid"];
const WEB = { policy4: "accept 80,443" };

function middle(n: number, weight = 1000): RelayEntry {
  return testEntry(n, { weight });
}
function guard(n: number, weight = 1000): RelayEntry {
  return testEntry(n, { weight, flags: [...RUNNING, "Guard", "Stable", "Fast"] });
}
function exit(n: number, weight = 1000, descriptor: Partial<RelayEntry["descriptor"]> = WEB): RelayEntry {
  return testEntry(n, {
    weight,
    flags: [...RUNNING, "Exit"],
    descriptor: { ...descriptor, identity: testId(n) },
  });
}

type Options = Partial<Omit<PathRequest, "consensus" | "guard">> & {
  weights?: BandwidthWeights;
  /** The one guard that the client has; otherwise it takes a new one each time. */
  guard?: RelayId;
};

function path(relays: readonly RelayEntry[], options: Options = {}): readonly RelayEntry[] {
  return pathIn(unsignedConsensus(relays, options.weights), options);
}

function pathIn(consensus: Consensus, { guard: kept, ...options }: Options): readonly RelayEntry[] {
  const random = options.random ?? new SeededRandom(7);
  const guard: PathRequest["guard"] = (fits) =>
    kept === undefined
      ? PathTable.of(consensus).guards.drawFitting(random, fits)
      : [consensus.relaysById.get(kept)].find((relay) => relay !== undefined && fits(relay));
  return choosePath({ consensus, target: { port: 443 }, ...options, random, guard });
}

function idsOf(relays: readonly RelayEntry[]): readonly number[] {
  return relays.map(({ descriptor }) =>
    new DataView(relayIdToBytes(descriptor.identity).buffer).getUint32(0),
  );
}

function refuses(relays: readonly RelayEntry[], options: Options, sentence: string): void {
  expect(() => path(relays, options)).toThrow(
    expect.objectContaining({
      code: "no-path",
      message: expect.stringContaining(sentence) as string,
    }) as Error,
  );
}

describe("a path", () => {
  test("is guard, middle, exit", () => {
    expect(idsOf(path([guard(1), middle(2), exit(3)]))).toEqual([1, 2, 3]);
  });

  test("ends at an exit that allows the port, in the family that is asked for", () => {
    const relays = [
      ...[guard(1), guard(2), exit(3, 1000, { policy4: "reject 25" })],
      exit(4, 1000, { policy4: "reject 1-65535", policy6: "accept 25" }),
    ];
    expect(idsOf(path(relays, { target: { port: 80 } }))[2]).toBe(3);
    expect(idsOf(path(relays, { target: { port: 25, ipv6: true } }))[2]).toBe(4);
    refuses(relays, { target: { port: 25 } }, "no exit allows port 25");
    refuses(relays, { target: { port: 80, ipv6: true } }, "no exit allows port 80 over IPv6");
    expect([3, 4]).toContain(idsOf(path(relays, { target: {} }))[2]);
  });

  test("ends at an exit that fetches if that is asked for, and at none otherwise", () => {
    const fetching = testEntry(4, {
      flags: [...RUNNING, "Fast", "Fetch"],
      descriptor: { identity: testId(4), fetchPolicy: "accept 443" },
    });
    const relays = [guard(1), guard(2), middle(5), exit(3), fetching];
    expect(idsOf(path(relays, { target: { port: 443, fetch: true } }))[2]).toBe(4);
    for (let seed = 0; seed < 20; seed++) {
      const random = new SeededRandom(seed);
      expect(idsOf(path(relays, { random, target: { port: 443 } }))[2]).toBe(3);
    }
    refuses(relays, { target: { port: 80, fetch: true } }, "no exit allows port 80");
    refuses(
      [guard(1), guard(2), exit(3)],
      { target: { port: 443, fetch: true } },
      "no relay in the network is an exit that fetches",
    );
  });

  test("keeps to the guard that the client has", () => {
    const relays = [guard(1), guard(2), middle(3), middle(4), exit(5)];
    for (const kept of [1, 2, 3, 4]) expect(idsOf(path(relays, { guard: testId(kept) }))[0]).toBe(kept);
  });

  test("starts anywhere if no guard is listed, at an exit only as a last resort", () => {
    expect(idsOf(path([middle(1), exit(2), exit(3)]))[0]).toBe(1);
    expect(new Set(idsOf(path([exit(1), exit(2), exit(3)])))).toEqual(new Set([1, 2, 3]));
  });

  test("takes a choice back that leaves none for a later position", () => {
    const onlyGuard = testEntry(1, {
      weight: 1e9,
      flags: [...RUNNING, "Guard", "Stable", "Fast", "Exit"],
      descriptor: { ...WEB, identity: testId(1) },
    });
    for (let seed = 0; seed < 20; seed++) {
      const chosen = path([onlyGuard, middle(2), exit(3, 1)], { random: new SeededRandom(seed) });
      expect(idsOf(chosen)).toEqual([1, 2, 3]);
    }
  });

  test("avoids what it is told to avoid", () => {
    const relays = [guard(1), guard(2), middle(3), middle(4), exit(5), exit(6)];
    for (let seed = 0; seed < 20; seed++) {
      const avoid = new Set([testId(1), testId(3)]);
      const chosen = path(relays, {
        random: new SeededRandom(seed),
        avoid,
        avoidExits: new Set([testId(5)]),
      });
      expect(idsOf(chosen)[0]).toBe(2);
      expect([4, 5]).toContain(idsOf(chosen)[1]);
      expect(idsOf(chosen)[2]).toBe(6);
    }
  });

  test("never uses relays that are not Running and Valid, nor a BadExit as exit", () => {
    const dead = testEntry(1, { flags: ["Valid", "Guard", "Stable", "Fast"] });
    const doubtful = testEntry(2, { flags: ["Running"] });
    const bad = testEntry(3, {
      flags: [...RUNNING, "Exit", "BadExit"],
      descriptor: { ...WEB, identity: testId(3) },
    });
    for (let seed = 0; seed < 20; seed++) {
      const chosen = path([dead, doubtful, bad, middle(4), exit(5)], { random: new SeededRandom(seed) });
      expect(idsOf(chosen).slice(0, 2).sort()).toEqual([3, 4]);
      expect(idsOf(chosen)[2]).toBe(5);
    }
  });

  test("a family counts only if both name each other", () => {
    const naming = (n: number, other: number): Partial<RelayEntry["descriptor"]> => ({
      ...WEB,
      family: [testId(other)],
      identity: testId(n),
    });
    const oneSided = [guard(1), middle(2), exit(3, 1000, naming(3, 1))];
    expect(idsOf(path(oneSided))).toEqual([1, 2, 3]);
    const mutual = [
      testEntry(1, { flags: [...RUNNING, "Guard", "Stable", "Fast"], descriptor: naming(1, 3) }),
      ...oneSided.slice(1),
    ];
    refuses(mutual, {}, "differ in family and network");
  });

  test("an empty network equals none; one network is used once", () => {
    const inNetwork = (n: number, ...network: number[]): RelayEntry => ({
      ...middle(n),
      network: Uint8Array.from(network),
    });
    expect(idsOf(path([inNetwork(1), inNetwork(2), exit(3)]))[2]).toBe(3);
    expect(idsOf(path([inNetwork(1, 8, 8), inNetwork(2, 8, 9), exit(3)]))[2]).toBe(3);
    expect(idsOf(path([inNetwork(1, 8, 8), inNetwork(2, 8, 8, 0, 0), exit(3)]))[2]).toBe(3);
    refuses([inNetwork(1, 8, 8), inNetwork(2, 8, 8), exit(3)], {}, "differ in family and network");
  });

  test("makes no neighbours of two behind hard NATs, unless a TURN server lends one an address", () => {
    const behind = (n: number, nat: NatClass): RelayEntry => testEntry(n, { descriptor: { nat } });
    const hardExit = exit(3, 1000, { ...WEB, nat: "hard" });
    expect(idsOf(path([behind(1, "hard"), behind(2, "easy"), hardExit], { guard: testId(1) }))).toEqual([
      1, 2, 3,
    ]);
    expect(idsOf(path([guard(1), behind(2, "turn"), hardExit]))).toEqual([1, 2, 3]);
    refuses([guard(1), behind(2, "hard"), hardExit], {}, "can link to it");
  });
});

describe("where there is none, it says what is missing", () => {
  test.each<[string, readonly RelayEntry[], Options]>([
    ["a path needs 3 relays, and the network has 2", [guard(1), exit(2)], {}],
    ["no relay in the network is an exit", [guard(1), guard(2), middle(3)], {}],
    ["no exit allows port 25", [guard(1), guard(2), exit(3)], { target: { port: 25 } }],
    [
      "every exit that allows port 443 has been tried",
      [guard(1), guard(2), exit(3)],
      { avoidExits: new Set([testId(3)]) },
    ],
  ])("%s", (sentence, relays, options) => {
    refuses(relays, options, sentence);
  });
});

test("no path violates a rule, and one is found wherever one exists", () => {
  const flag = fc.constantFrom<RelayFlag>("Guard", "Exit", "BadExit", "Stable", "Fast");
  const relay = fc.record({
    flags: fc.tuple(fc.uniqueArray(flag), fc.integer({ min: 0, max: 9 })).map(([flags, luck]) => {
      return luck === 0 ? flags : [...RUNNING, ...flags];
    }),
    weight: fc.constantFrom(0, 1, 1000, 0xffffffff),
    network: fc.constantFrom([], [], [], [8, 8], [9, 9], [8, 8, 0, 0]).map((bytes) => Uint8Array.from(bytes)),
    policy4: fc.constantFrom("accept 80,443", "reject 25", "reject 1-65535", "reject 443"),
    family: fc.uniqueArray(fc.integer({ min: 0, max: 8 })).map((members) => members.map(testId)),
    nat: fc.constantFrom(...NAT_CLASSES, "hard" as const),
  });
  const share = fc.constantFrom(0, 3333, 10_000);
  const weights = fc.record({
    Wgg: share,
    Wgd: share,
    Wmg: share,
    Wmd: share,
    Wme: share,
    Wee: share,
    Wed: share,
  });
  const seed = fc.nat();
  let found = 0;
  fc.assert(
    fc.property(fc.array(relay, { minLength: 3, maxLength: 9 }), weights, seed, (said, shares, each) => {
      const relays = said.map(({ policy4, family, nat, ...rest }, n) =>
        testEntry(n, { ...rest, descriptor: { policy4, family, nat, identity: testId(n) } }),
      );
      const legal = allLegalPaths(relays);
      if (legal.length === 0) {
        refuses(relays, { weights: shares }, "");
        return;
      }
      found++;
      const chosen = path(relays, { weights: shares, random: new SeededRandom(each) });
      expect(legal).toContain(idsOf(chosen).join());
    }),
    { numRuns: 500 },
  );
  expect(found).toBeGreaterThan(50);
});

/** SPEC §10.1, by trying all triples. */
function allLegalPaths(relays: readonly RelayEntry[]): readonly string[] {
  const up = relays.filter(({ flags }) => flags.has("Running") && flags.has("Valid"));
  const isGuard = ({ flags }: RelayEntry): boolean =>
    flags.has("Guard") && flags.has("Stable") && flags.has("Fast");
  const listsGuards = up.some(isGuard);
  const may = (a: RelayEntry, b: RelayEntry): boolean => {
    const [x, y] = [a.descriptor, b.descriptor];
    const related = x.family.includes(y.identity) && y.family.includes(x.identity);
    const near = a.network.length > 0 && a.network.join() === b.network.join();
    return a !== b && !related && !near;
  };
  const meet = (a: RelayEntry, b: RelayEntry): boolean =>
    [a, b].some(({ descriptor }) => descriptor.nat !== "hard");
  const exits = up.filter(({ flags, descriptor }) => {
    const willing = PolicySummary.parse(descriptor.policy4).allows(443);
    return flags.has("Exit") && !flags.has("BadExit") && willing;
  });
  const guards = listsGuards ? up.filter(isGuard) : up;
  const triples = exits.flatMap((last) =>
    guards.flatMap((first) => up.map((mid) => [first, mid, last] as const)),
  );
  const legal = triples.filter(
    ([first, mid, last]) =>
      may(first, mid) && may(mid, last) && may(first, last) && meet(first, mid) && meet(mid, last),
  );
  return legal.map((triple) => idsOf(triple).join());
}

describe("choices follow weight times bandwidth weight", () => {
  const DRAWS = 4000;

  /** How often each relay was at a hop, as a share of all draws. Shares deviate by at most 4 standard deviations. */
  function expectShares(
    relays: readonly RelayEntry[],
    { hop, ...options }: Options & { hop: number },
    expected: Readonly<Record<number, number>>,
  ): void {
    const random = new SeededRandom(20_260);
    const counts = new Map<number, number>();
    const consensus = unsignedConsensus(relays, options.weights);
    for (let i = 0; i < DRAWS; i++) {
      const n = idsOf(pathIn(consensus, { ...options, random }))[hop] ?? -1;
      counts.set(n, (counts.get(n) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(Object.keys(expected).map(Number).sort());
    for (const [n, share] of Object.entries(expected)) {
      const tolerance = 4 * Math.sqrt((share * (1 - share)) / DRAWS);
      expect(Math.abs((counts.get(Number(n)) ?? 0) / DRAWS - share)).toBeLessThan(tolerance + 1e-9);
    }
  }

  test("for exits", () => {
    const relays = [guard(1), middle(2), exit(3, 100), exit(4, 300), exit(5, 600)];
    expectShares(relays, { hop: 2 }, { 3: 0.1, 4: 0.3, 5: 0.6 });
  });

  test("for guards, where those that are exits as well are spared", () => {
    const both = testEntry(3, {
      weight: 1000,
      flags: [...RUNNING, "Guard", "Stable", "Fast", "Exit"],
      descriptor: { policy4: "accept 1", identity: testId(3) },
    });
    const relays = [guard(1), guard(2, 2000), both, middle(4), exit(5)];
    const weights = { ...UNWEIGHTED, Wgd: 2500 };
    expectShares(relays, { hop: 0, weights }, { 1: 1 / 3.25, 2: 2 / 3.25, 3: 0.25 / 3.25 });
  });

  test("for middles", () => {
    const relays = [guard(1), guard(2), middle(3, 500), exit(4), exit(5, 1, { policy4: "accept 1" })];
    const weights = { ...UNWEIGHTED, Wmg: 5000, Wme: 0 };
    expectShares(relays, { hop: 1, weights, guard: testId(1) }, { 2: 0.5, 3: 0.5 });
  });

  test("uniformly where all weights are zero", () => {
    const relays = [guard(1, 0), guard(2, 0), exit(3, 0), exit(4, 0)];
    expectShares(relays, { hop: 2 }, { 3: 0.5, 4: 0.5 });
  });
});

describe("relays that are preferred", () => {
  const fast = (n: number, ...more: readonly RelayFlag[]): RelayEntry =>
    testEntry(n, {
      weight: 1,
      flags: [...RUNNING, "Fast", ...more],
      descriptor: { policy4: "accept 22,443", identity: testId(n) },
    });
  const slowExit = exit(9, 1e6, { policy4: "accept 22,443" });

  test("are Fast ones; others only where there is no path without them", () => {
    const relays = [guard(1), fast(2), fast(3, "Exit"), middle(4, 1e6), slowExit];
    for (let seed = 0; seed < 20; seed++) {
      expect(idsOf(path(relays, { random: new SeededRandom(seed) }))).toEqual([1, 2, 3]);
    }
    expect(idsOf(path(relays, { avoidExits: new Set([testId(3)]) }))[2]).toBe(9);
    expect(idsOf(path([guard(1), middle(4), fast(3, "Exit")]))).toEqual([1, 4, 3]);
  });

  test("are Stable ones for connections that last", () => {
    const relays = [guard(1), fast(2), fast(3, "Stable"), fast(4, "Exit"), fast(5, "Exit", "Stable")];
    for (let seed = 0; seed < 20; seed++) {
      const random = new SeededRandom(seed);
      expect(idsOf(path(relays, { random, target: { port: 22 } }))).toEqual([1, 3, 5]);
    }
  });
});

test("a path costs little in a network of thousands, whatever the client avoids", () => {
  const relays = Array.from({ length: 3000 }, (_, n) =>
    n % 3 === 0 ? guard(n) : n % 3 === 1 ? middle(n) : exit(n),
  );
  const consensus = unsignedConsensus(relays);
  const random = new SeededRandom(1);
  const kept = relays[0] as RelayEntry;
  const avoid = new Set(relays.slice(1, 50).map(({ descriptor }) => descriptor.identity));
  for (let i = 0; i < 300; i++) {
    const chosen = choosePath({ consensus, random, target: { port: 443 }, guard: () => kept, avoid });
    expect(
      chosen.every((one, at) => chosen.slice(at + 1).every((other) => mayShareCircuit(one, other))),
    ).toBe(true);
    expect(chosen.some(({ descriptor }) => avoid.has(descriptor.identity))).toBe(false);
  }
});
