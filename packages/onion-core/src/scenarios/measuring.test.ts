import { describe, expect, it, vi } from "vitest";
import { nodePrimitives } from "./node-aead.ts";
import { echoOver, type EchoOutcome } from "../client/measure/echo-circuit.ts";
import { Measurer } from "../client/measure/measurer.ts";
import { linkDeps, startNetwork } from "./support.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import { standingOf, type Measurements } from "../directory/measurements.ts";
import { NO_TOKENS } from "../handshake/link-gate.ts";
import { openLink } from "../link/open-link.ts";
import { silentLog } from "../ports/log.ts";
import type { JoinedRelay } from "../directory/joined-relay.ts";
import { testConsensus } from "../testing/directory-fixtures.ts";
import type { RelayPlan } from "../testing/memory-network.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const MINUTE = 60_000;
/** Real milliseconds: hundreds of circuits are built, for real. */
vi.setConfig({ testTimeout: 600_000 });

/** @param rate KiB/s that it passes on. @param capacity what it claims. */
const limited = (rate: number, capacity = rate): RelayPlan => ({
  flags: ["Fast", "Stable"],
  limits: { sendRate: rate * 1024, receiveRate: rate * 1024 },
  capacity,
});

/** A network, and whoever measures it. Nothing passes to or from relays that are `frozen`, and what does takes `lines.latency()` milliseconds. */
async function scene(plans: readonly RelayPlan[]) {
  const frozen = new Set<RelayId>();
  const lines = { latency: () => 5 };
  const { clock, network, random } = await startNetwork(
    seed,
    { guards: 0, middles: 0, exits: 0, others: plans },
    {
      channels: (from, to) => ({
        latency: () => lines.latency(),
        tamper: (message) => (frozen.has(to) || (from !== "client" && frozen.has(from)) ? null : message),
      }),
    },
  );
  const start = (known?: Measurements): Measurer =>
    new Measurer({
      ...{ directory: network.directory, dialer: network.dialer, tokens: NO_TOKENS, known },
      ...{ changed: () => undefined, primitives: nodePrimitives, clock, random, log: silentLog },
    });
  /** Lets time pass until something is so. */
  const until = async (isSo: () => boolean, most = 10 * MINUTE): Promise<number> => {
    const began = clock.monotonic();
    while (!isSo() && clock.monotonic() - began < most) await clock.advance(500);
    expect(isSo()).toBe(true);
    return clock.monotonic() - began;
  };
  const ids = network.entries.map(({ descriptor }) => descriptor.identity);
  return { clock, network, random, frozen, lines, start, until, ids };
}

/** What an authority says of a network, told this by its measurer. */
async function weights(entries: readonly RelayEntry[], measurements: Measurements | undefined, now: number) {
  const relays = entries.map(({ descriptor, descriptorBytes }): JoinedRelay => ({
    ...{ descriptor, descriptorBytes, address: "127.0.0.1", since: now },
    standing: standingOf(measurements, descriptor.identity, now),
  }));
  const { consensus } = await testConsensus({ relays, now });
  return entries.map(({ descriptor }) => consensus.relaysById.get(descriptor.identity)?.weight ?? 0);
}

describe("a relay that boasts", () => {
  it(withSeed("weighs what it carries once it was measured, and next to nothing before", seed), async () => {
    const { clock, network, start, until } = await scene([
      ...Array.from({ length: 6 }, () => limited(100)),
      limited(25, 1_000_000),
    ]);
    const share = (all: readonly number[]): number =>
      (all.at(-1) ?? 0) / all.reduce((sum, weight) => sum + weight, 0);
    const { entries } = network;
    const claimed = await weights(entries, undefined, clock.now());
    expect(claimed).toEqual([100, 100, 100, 100, 100, 100, 200]);

    const measurer = start();
    await until(() => measurer.measurements !== undefined && measurer.stats.measured === 7);
    const now = () => weights(entries, measurer.measurements, clock.now());
    let measured = await now();
    // Who was measured beside the slow one is measured again beside others.
    const honest = () => measured.slice(0, 6).sort((a, b) => a - b);
    while ((honest()[3] ?? 0) < 50 && clock.monotonic() < 360 * MINUTE) {
      await clock.advance(MINUTE);
      measured = await now();
    }
    expect(honest()[3]).toBeGreaterThanOrEqual(50);
    expect(measured[6]).toBeLessThan(50);
    expect(share(claimed)).toBe(0.25);
    expect(share(measured)).toBeLessThan(0.15);

    const before = measurer.measurements;
    const young = { ...before, writtenAt: clock.now(), relays: new Map(before?.relays) };
    const boaster = entries[6]?.descriptor.identity as RelayId;
    young.relays.set(boaster, { answers: true, results: [] });
    expect((await weights(entries, young, clock.now()))[6]).toBe(20);
    measurer.close();
  });
});

describe("whether a relay answers", () => {
  const four = Array.from({ length: 4 }, () => limited(40));

  it("is asked before it is used: nothing is said of it until it was tried", async () => {
    const { clock, network, start, until, ids } = await scene(four);
    const newcomer = ids[3] as RelayId;
    await network.publish(network.entries.slice(0, 3));
    const measurer = start();
    const answers = () => standingOf(measurer.measurements, newcomer, clock.now()).answers;
    expect(measurer.measurements).toBeUndefined();
    await until(() => measurer.stats.answering === 3);
    expect(answers()).toBe(false);
    await network.publish(network.entries);
    expect(answers()).toBe(false);
    expect(await until(() => answers() === true)).toBeLessThan(MINUTE);
    measurer.close();
  });

  it("is found out again and again: one that is frozen is silent soon, and nobody else", async () => {
    const { clock, frozen, start, until, ids } = await scene(four);
    const measurer = start();
    await until(() => measurer.stats.answering === 4);
    const victim = ids[1] as RelayId;
    const silent = () =>
      ids.filter((id) => standingOf(measurer.measurements, id, clock.now()).answers === false);
    frozen.add(victim);
    expect(await until(() => silent().length > 0)).toBeLessThan(3 * MINUTE);
    await clock.advance(5 * MINUTE);
    expect(silent()).toEqual([victim]);
    measurer.close();
  });

  it("is whether it takes circuits: one that refuses them does not, and does when it takes them again", async () => {
    const { clock, network, start, until, ids } = await scene(four);
    const measurer = start();
    await until(() => measurer.stats.answering === 4);
    const refusing = ids[2] as RelayId;
    const { relay } = network.relays.get(refusing) ?? {};
    relay?.limit({ maxCircuits: 0 });
    const answers = (id: RelayId) => standingOf(measurer.measurements, id, clock.now()).answers;
    expect(await until(() => answers(refusing) === false)).toBeLessThan(3 * MINUTE);
    expect(ids.filter((id) => answers(id))).toHaveLength(3);
    relay?.limit({});
    expect(await until(() => answers(refusing) === true)).toBeLessThan(2 * MINUTE);
    measurer.close();
  });

  it("is asked by circuits between others once it was reached: it sees no client", async () => {
    const { network, start, until, ids } = await scene(four);
    const measurer = start();
    const dials = () => network.channels.filter(({ from }) => from === "client").map(({ to }) => to);
    await until(() => measurer.stats.answering === 4);
    expect(new Set(dials())).toEqual(new Set(ids));
    await until(() => measurer.stats.looks.answered >= 20);
    const carried = ids.map((id) => network.relays.get(id)?.relay.stats.circuitsTotal ?? 0);
    for (const circuits of carried) expect(circuits).toBeGreaterThan(5);
    measurer.close();
  });
});

describe("what was measured", () => {
  it("outlasts the measurer's restart", async () => {
    const { start, until, clock, ids } = await scene(Array.from({ length: 3 }, () => limited(40)));
    const first = start();
    await until(() => first.stats.measured === 3);
    const known = first.measurements;
    first.close();
    const second = start(known);
    await until(() => second.measurements !== undefined);
    for (const id of ids)
      expect(standingOf(second.measurements, id, clock.now()).measured).toBe(
        standingOf(known, id, clock.now()).measured,
      );
    second.close();
  });
});

describe("an echo", () => {
  /** A circuit through all of the path, and what is heard over it. */
  async function echoed(
    { clock, network, random }: Pick<Awaited<ReturnType<typeof scene>>, "clock" | "network" | "random">,
    path: readonly RelayEntry[],
    amount: { readonly bytes: number; readonly ms: number },
  ): Promise<EchoOutcome> {
    const deps = { ...linkDeps(clock, random), primitives: nodePrimitives };
    const first = path[0]?.descriptor.identity as RelayId;
    const ends = { initiator: true, identity: undefined, expected: first } as const;
    const owner = { acceptCircuit: undefined };
    const link = await clock.until(openLink({ channel: network.channelTo(first), ...ends, owner }, deps));
    return clock.until(echoOver({ link, path, ...amount, deps }));
  }

  it("that is held back, and let go at once, tells of no more than it did before", async () => {
    const { lines, ...at } = await scene([limited(25)]);
    const { clock, network } = at;
    const rate = async (latency: () => number): Promise<number> => {
      lines.latency = latency;
      const heard = await echoed(at, network.entries, { bytes: 16 * 2 ** 20, ms: 6000 });
      lines.latency = () => 5;
      // What the relay may send at once, it may again.
      await clock.advance(MINUTE);
      return heard.ok ? heard.bytes / heard.ms : 0;
    };
    const honest = await rate(() => 5);
    expect(honest).toBeGreaterThan(10);
    for (const letGo of [1900, 2100, 4000, 5900]) {
      const began = clock.monotonic();
      const passed = (): number => clock.monotonic() - began;
      const late = (): number => (passed() < 500 ? 5 : Math.max(5, letGo - passed()));
      expect(await rate(late)).toBeLessThan(1.5 * honest);
    }
  });

  it("comes from any relay, and is byte for byte what was sent", async () => {
    const network = await startNetwork(seed);
    for (const end of network.network.entries) {
      const path = [...network.network.entries.filter((entry) => entry !== end), end];
      // What differs from what was sent is a failure.
      const heard = await echoed(network, path, { bytes: 300_000, ms: MINUTE });
      expect(heard).toMatchObject({ ok: true });
      expect(heard.ok && heard.bytes).toBeGreaterThan(150_000);
    }
  });
});
