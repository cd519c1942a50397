import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GuardAttempt, GuardVerdict } from "./guard-attempt.ts";
import type { GuardRecord } from "./guard-records.ts";
import { GuardSet } from "./guard-set.ts";
import type { RelayId } from "../../crypto/ids.ts";
import type { Consensus, RelayEntry, RelayFlag } from "../../directory/consensus.ts";
import { testEntry, testId, unsignedConsensus } from "../../testing/directory-fixtures.ts";
import { pickSeeds, SeededRandom, withSeed } from "../../testing/seeded-random.ts";
import { VirtualClock } from "../../testing/virtual-clock.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const GUARD: readonly RelayFlag[] = ["Running", "Valid", "Guard", "Stable", "Fast"];
const ANY = (): boolean => true;

function guards(count: number, flags = GUARD): RelayEntry[] {
  return Array.from({ length: count }, (_, n) => testEntry(n, { flags }));
}

interface Circuit extends GuardAttempt {
  readonly id: RelayId;
  readonly verdict: GuardVerdict | undefined;
}

/** A client's guards in a network whose consensus a test sets. */
class Scene {
  readonly clock = new VirtualClock();
  readonly random = new SeededRandom(seed);
  consensus: Consensus;
  set: GuardSet;

  constructor(
    relays: readonly RelayEntry[],
    records: readonly GuardRecord[] = [],
    ours?: ReadonlySet<RelayId>,
  ) {
    this.consensus = unsignedConsensus(relays);
    const { clock, random } = this;
    this.set = new GuardSet(records, { clock, random, ours });
  }

  list(relays: readonly RelayEntry[]): void {
    this.consensus = unsignedConsensus(relays);
  }

  /** A new session with what was kept of the last. */
  restart(): void {
    this.set = new GuardSet(this.set.records, this);
  }

  pick(fits: (relay: RelayEntry) => boolean = ANY): RelayId | undefined {
    return this.set.select(this.consensus, fits)?.entry.descriptor.identity;
  }

  begin(fits: (relay: RelayEntry) => boolean = ANY): Circuit {
    const choice = this.set.select(this.consensus, fits);
    if (choice === undefined) throw new Error("no guard");
    const told: { verdict?: GuardVerdict } = {};
    const attempt = this.set.begin(choice, (verdict) => {
      if (told.verdict !== undefined) throw new Error("told twice");
      told.verdict = verdict;
    });
    return {
      ...attempt,
      id: choice.entry.descriptor.identity,
      get verdict() {
        return told.verdict;
      },
    };
  }

  /** Fails as long as the guard is one of these; the first that is not. */
  failing(...ids: readonly RelayId[]): Circuit {
    for (;;) {
      const circuit = this.begin();
      if (!ids.includes(circuit.id)) return circuit;
      circuit.failed();
    }
  }

  succeed(): Circuit {
    const circuit = this.begin();
    circuit.succeeded();
    return circuit;
  }

  /** The guards in the order in which they are turned to as one after the other fails. */
  order(count: number): RelayId[] {
    return Array.from({ length: count }, () => {
      const circuit = this.begin();
      circuit.failed();
      return circuit.id;
    });
  }
}

const confirmedIds = ({ set }: Scene): readonly RelayId[] =>
  set.records
    .filter(({ confirmed }) => confirmed !== undefined)
    .sort((a, b) => (a.confirmed?.rank ?? 0) - (b.confirmed?.rank ?? 0))
    .map(({ id }) => id);

describe(withSeed("the sample", seed), () => {
  it("is twenty relays of a small network, a fifth of a larger, at most sixty; all of them where there are fewer", () => {
    for (const [relays, expected] of [
      [3, 3],
      [50, 20],
      [1000, 20],
    ] as const) {
      const scene = new Scene(guards(relays));
      scene.pick();
      expect(scene.set.records).toHaveLength(expected);
    }
  });

  it("grows while those that are in it do not answer, but no further than its bound: whoever keeps us from all of them gains no more", () => {
    for (const [relays, most] of [
      [50, 20],
      [200, 40],
      [1000, 60],
    ] as const) {
      const scene = new Scene(guards(relays));
      const seen = new Set(scene.order(most));
      expect(seen.size).toBe(most);
      expect(scene.pick()).toBeUndefined();
      expect(scene.set.isOutOfReach).toBe(true);
      expect(scene.set.records).toHaveLength(most);
      scene.set.retryAll();
      expect(scene.pick()).toBe([...seen][0]);
    }
  });

  it("is drawn by weight", () => {
    const relays = guards(400).map((relay, n) => ({ ...relay, weight: n < 40 ? 9000 : 1000 }));
    let heavy = 0;
    for (let i = 0; i < 100; i++) {
      const scene = new Scene(relays);
      scene.random.fill(new Uint8Array(4 * i));
      if (relays.slice(0, 40).some(({ descriptor }) => descriptor.identity === scene.pick())) heavy += 1;
    }
    // Half of the weight; four standard deviations.
    expect(Math.abs(heavy - 50)).toBeLessThan(20);
  });

  it("holds stable relays with Guard alone, where there are any; never one that we run ourselves", () => {
    const tabs = guards(30).map((relay) => ({
      ...relay,
      flags: new Set<RelayFlag>(["Running", "Valid", "Fast"]),
    }));
    const stable = guards(33).slice(30);
    const ours = new Set([testId(30)]);
    const scene = new Scene([...tabs, ...stable], [], ours);
    scene.pick();
    expect(new Set(scene.set.records.map(({ id }) => id))).toEqual(new Set([testId(31), testId(32)]));
    const alone = new Scene(tabs);
    const tab = alone.pick();
    expect(tabs.map(({ descriptor }) => descriptor.identity)).toContain(tab);
    // As soon as there are relays that stay, these serve.
    alone.list([...tabs, ...stable]);
    expect(stable.map(({ descriptor }) => descriptor.identity)).toContain(alone.pick());
  });

  it("keeps dates that are earlier than they were, by up to a tenth of a lifetime", () => {
    const scene = new Scene(guards(200));
    scene.succeed();
    const ages = scene.set.records.map(({ addedOn }) => scene.clock.now() - addedOn);
    expect(Math.max(...ages)).toBeLessThanOrEqual(12 * DAY);
    expect(Math.max(...ages) - Math.min(...ages)).toBeGreaterThan(DAY);
    const [confirmed] = scene.set.records.flatMap((record) => record.confirmed ?? []);
    expect(scene.clock.now() - (confirmed?.on ?? Infinity)).toBeLessThanOrEqual(12 * DAY);
  });

  it("lets relays go that have not been listed for twenty days, and not before sixteen", async () => {
    const relays = guards(40);
    const scene = new Scene(relays);
    scene.pick();
    const gone = scene.set.records[0]?.id;
    const left = relays.filter(({ descriptor }) => descriptor.identity !== gone);
    const isKept = (): boolean => scene.set.records.some(({ id }) => id === gone);
    scene.list(left);
    scene.pick();
    await scene.clock.advance(16 * DAY - 1);
    scene.list(left);
    scene.pick();
    expect(isKept()).toBe(true);
    await scene.clock.advance(4 * DAY + 2);
    scene.list(left);
    scene.pick();
    expect(isKept()).toBe(false);
    expect(scene.set.records).toHaveLength(20);
  });

  it("keeps a relay for 120 days, a confirmed one that serves for as long as it was confirmed within sixty", async () => {
    const now = new VirtualClock().now();
    const record = (n: number, addedDaysAgo: number, confirmedDaysAgo?: number): GuardRecord => ({
      id: testId(n),
      addedOn: now - addedDaysAgo * DAY,
      unlistedSince: undefined,
      confirmed: confirmedDaysAgo === undefined ? undefined : { on: now - confirmedDaysAgo * DAY, rank: n },
    });
    const kept = [record(1, 119), record(2, 121), record(3, 130, 59), record(4, 130, 61), record(5, 119, 61)];
    const scene = new Scene(guards(6), kept);
    scene.pick();
    const ids = scene.set.records.map(({ id }) => id).slice(0, 3);
    expect(ids).toEqual([testId(1), testId(3), testId(5)]);
    // Those that went may be drawn again, as any other.
    expect(scene.set.records).toHaveLength(6);
    await scene.clock.settle();
  });

  it("is the same after a restart, whatever happened", () => {
    const scene = new Scene(guards(100));
    const first = scene.succeed().id;
    const second = scene.failing(first).id;
    const { records } = scene.set;
    scene.restart();
    expect(scene.pick()).toBe(first);
    expect(scene.set.records).toEqual(records);
    expect(second).not.toBe(first);
  });
});

describe(withSeed("the guard of a circuit", seed), () => {
  it("is one and the same as long as it answers, and is confirmed by its first circuit", () => {
    const scene = new Scene(guards(100));
    const first = scene.succeed();
    expect(first.verdict).toBe("complete");
    for (let i = 0; i < 20; i++) expect(scene.succeed().id).toBe(first.id);
    expect(confirmedIds(scene)).toEqual([first.id]);
  });

  it("is the next primary one when it does not answer; it comes first again after ten minutes", async () => {
    const scene = new Scene(guards(100));
    const first = scene.succeed().id;
    const second = scene.failing(first);
    second.succeeded();
    expect(second.verdict).toBe("complete");
    expect(second.id).not.toBe(first);
    await scene.clock.advance(10 * MINUTE - 1);
    expect(scene.pick()).toBe(second.id);
    await scene.clock.advance(1);
    expect(scene.pick()).toBe(first);
    expect(confirmedIds(scene)).toEqual([first, second.id]);
  });

  it.each([
    ["primary", 0, [10 * MINUTE, 90 * MINUTE, 4 * HOUR, 9 * HOUR]],
    ["other", 3, [HOUR, 4 * HOUR, 18 * HOUR, 36 * HOUR]],
  ])("a %s one that keeps failing is tried less and less often", async (_, rank, expected) => {
    const scene = new Scene(guards(30));
    // The others answer nothing either, and are never tried in between.
    const order = scene.order(20);
    const id = order[rank] as RelayId;
    const start = scene.clock.monotonic();
    const phases = [6 * HOUR, 4 * DAY, 7 * DAY].map((upTo) => ({ upTo, gaps: new Set<number>() }));
    const weeksApart = new Set<number>();
    let last = start;
    while (scene.clock.monotonic() - start < 12 * DAY) {
      await scene.clock.advance(10 * MINUTE);
      const now = scene.clock.monotonic();
      const choice = scene.set.select(scene.consensus, ({ descriptor }) => descriptor.identity === id);
      if (choice === undefined) continue;
      const phase = phases.find(({ upTo }) => now - start <= upTo)?.gaps ?? weeksApart;
      phase.add(now - last);
      last = now;
      scene.set.begin(choice, () => undefined).failed();
    }
    const longest = [...phases.map(({ gaps }) => gaps), weeksApart].map((gaps) => Math.max(...gaps));
    expect(longest).toEqual(expected);
  });

  it("that is not listed for a while keeps its place", () => {
    const relays = guards(100);
    const scene = new Scene(relays);
    const first = scene.succeed().id;
    scene.list(relays.filter(({ descriptor }) => descriptor.identity !== first));
    const second = scene.succeed().id;
    expect(second).not.toBe(first);
    scene.list(relays);
    expect(scene.pick()).toBe(first);
  });

  it("that lost its flag stays our guard as long as it is stable", () => {
    const relays = guards(100);
    const scene = new Scene(relays);
    const first = scene.succeed().id;
    const without = (...flags: readonly RelayFlag[]): RelayEntry[] =>
      relays.map((relay) =>
        relay.descriptor.identity === first ? { ...relay, flags: new Set(flags) } : relay,
      );
    scene.list(without("Running", "Valid", "Stable"));
    expect(scene.pick()).toBe(first);
    scene.list(without("Running", "Valid"));
    expect(scene.pick()).not.toBe(first);
  });

  it("is another one where it does not go with the exit, without being blamed", () => {
    const scene = new Scene(guards(100));
    const first = scene.succeed().id;
    const second = scene.begin(({ descriptor }) => descriptor.identity !== first);
    second.succeeded();
    expect(second.id).not.toBe(first);
    expect(second.verdict).toBe("complete");
    expect(scene.pick()).toBe(first);
    expect(scene.pick(() => false)).toBeUndefined();
    expect(scene.set.isOutOfReach).toBe(false);
  });
});

describe(withSeed("a circuit over a guard that is not primary", seed), () => {
  /** All three primary guards have failed. */
  function withoutPrimary(): { scene: Scene; primary: RelayId[] } {
    const scene = new Scene(guards(100));
    // Confirmed, so that no other takes their place.
    const primary: RelayId[] = [];
    for (let i = 0; i < 3; i++) {
      const circuit = scene.begin(({ descriptor }) => !primary.includes(descriptor.identity));
      circuit.succeeded();
      circuit.closed();
      primary.push(circuit.id);
    }
    expect(scene.order(3)).toEqual(primary);
    return { scene, primary };
  }

  it("may be used once it is built, while no primary one answers", () => {
    const { scene } = withoutPrimary();
    const circuit = scene.succeed();
    expect(circuit.verdict).toBe("complete");
    expect(scene.succeed().id).toBe(circuit.id);
  });

  it("waits if a primary one might answer, and is used if that fails", async () => {
    const { scene, primary } = withoutPrimary();
    const circuit = scene.begin();
    await scene.clock.advance(10 * MINUTE);
    const better = scene.begin();
    expect(better.id).toBe(primary[0]);
    circuit.succeeded();
    expect(circuit.verdict).toBeUndefined();
    expect(scene.set.wantsPrimary).toBe(true);
    better.failed();
    expect(circuit.verdict).toBeUndefined();
    scene.order(2);
    expect(circuit.verdict).toBe("complete");
    expect(scene.set.wantsPrimary).toBe(false);
  });

  it("gives way if a primary one answers meanwhile", async () => {
    const { scene, primary } = withoutPrimary();
    const circuit = scene.begin();
    await scene.clock.advance(10 * MINUTE);
    const better = scene.begin();
    circuit.succeeded();
    better.succeeded();
    expect(better).toMatchObject({ id: primary[0], verdict: "complete" });
    expect(circuit.verdict).toBe("superseded");
  });

  it("shows after ten minutes of silence that the network was away, not the guards: they are tried again", async () => {
    const { scene, primary } = withoutPrimary();
    const circuit = scene.begin();
    await scene.clock.advance(10 * MINUTE + 1);
    expect(scene.set.wantsPrimary).toBe(false);
    circuit.succeeded();
    expect(circuit.verdict).toBeUndefined();
    expect(scene.set.wantsPrimary).toBe(true);
    expect(scene.pick()).toBe(primary[0]);
  });

  it("waits no longer than 15 s for a better one that is being tried, and in all no longer than ten minutes", async () => {
    const { scene } = withoutPrimary();
    const [better, circuit] = [scene.begin(), scene.begin()];
    expect(better.id).not.toBe(circuit.id);
    await scene.clock.advance(5000);
    circuit.succeeded();
    const isFirst = circuit.verdict === "complete";
    // The confirmed one is the better of the two, whichever was asked first.
    expect(isFirst).toBe(true);
    await scene.clock.advance(10 * MINUTE);
    const { scene: other } = withoutPrimary();
    const waiting = other.begin();
    await other.clock.advance(10 * MINUTE + 1);
    waiting.succeeded();
    expect(waiting.verdict).toBeUndefined();
    await other.clock.advance(10 * MINUTE);
    expect(waiting.verdict).toBe("superseded");
    expect(other.clock.waiting).toBe(0);
  });

  it("does not hold others back once its own guard has failed", () => {
    const { scene } = withoutPrimary();
    const running = scene.succeed();
    scene.failing(running.id).succeeded();
    const next = scene.succeed();
    expect(next.id).not.toBe(running.id);
    expect(next.verdict).toBe("complete");
  });

  it("that is withdrawn leaves nothing behind", async () => {
    const { scene } = withoutPrimary();
    const circuit = scene.begin();
    await scene.clock.advance(10 * MINUTE + 1);
    circuit.succeeded();
    circuit.closed();
    circuit.failed();
    expect(scene.set.wantsPrimary).toBe(false);
    expect(scene.clock.waiting).toBe(0);
    expect(circuit.verdict).toBeUndefined();
  });
});

type Step = (scene: Scene, open: Circuit[], n: number) => void | Promise<void>;

const STEPS: Readonly<Record<string, Step>> = {
  begin: (scene, open) => {
    if (scene.pick() === undefined) scene.set.retryAll();
    else open.push(scene.begin());
  },
  succeed: (_, open, n) => open[n % open.length]?.succeeded(),
  fail: (_, open, n) => open[n % open.length]?.failed(),
  close: (_, open, n) => open[n % open.length]?.closed(),
  minutes: ({ clock }, _, n) => clock.advance((n % 100) * MINUTE),
  days: ({ clock }, _, n) => clock.advance((n % 30) * DAY),
  list: (scene, _, n) => {
    scene.list(guards(40).filter((__, i) => (i * 7 + n) % 5 !== 0));
  },
  restart: (scene, open) => {
    for (const each of open.splice(0)) each.closed();
    scene.restart();
  },
};

function expectOrder(scene: Scene): void {
  const { records } = scene.set;
  expect(records.length).toBeLessThanOrEqual(20);
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
  expect(records.every(({ addedOn }) => addedOn <= scene.clock.now())).toBe(true);
  expect(confirmedIds(scene)).toHaveLength(records.filter(({ confirmed }) => confirmed).length);
  const picked = scene.pick();
  if (picked !== undefined) expect(scene.consensus.relaysById.has(picked)).toBe(true);
}

it("whatever happens, guards are few and distinct, serve only while they are listed, and no timer is left", async () => {
  const step = fc.tuple(fc.constantFrom(...Object.values(STEPS)), fc.nat(1000));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const scene = new Scene(guards(40));
      const open: Circuit[] = [];
      for (const [act, n] of steps) {
        await act(scene, open, n);
        expectOrder(scene);
      }
      for (const each of open) each.closed();
      expect(scene.clock.waiting).toBe(0);
    }),
    { numRuns: 60 },
  );
});
