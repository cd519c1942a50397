/** How relays find each other: first links by the broker, all others through the mesh (SPEC §9.5). */
import { describe, expect, it } from "vitest";
import { linkDeps, rawLink, roundTrip, startNetwork, type NetworkShape } from "./support.ts";
import { ClientCircuit, type HopTarget } from "../circuit/client-circuit.ts";
import type { RelayId } from "../crypto/ids.ts";
import { webPrimitives } from "../crypto/web-primitives.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import { TaborError } from "../errors.ts";
import type { DataChannel } from "../ports/data-channel.ts";
import { silentLog } from "../ports/log.ts";
import { Linker } from "../relay/linker.ts";
import type { MemoryNetwork, NetworkOptions } from "../testing/memory-network.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const CREATE2_COMMAND = 10;
const PLAN = { flags: ["Fast"] } as const;

function grow(shape: NetworkShape, options: Pick<NetworkOptions, "brokerCarries" | "channels"> = {}) {
  return startNetwork(seed, shape, { brokerCarries: Infinity, ...options });
}

/** How often each relay has asked the broker. */
function asked(network: MemoryNetwork): readonly number[] {
  return [...network.relays.keys()].map((id) => network.brokered.filter(({ from }) => from === id).length);
}

function hop({ descriptor }: RelayEntry): HopTarget {
  return { id: descriptor.identity, ntorKey: descriptor.ntorKey };
}

function entryOf(network: MemoryNetwork, id: RelayId): RelayEntry {
  const entry = network.entries.find(({ descriptor }) => descriptor.identity === id);
  if (entry === undefined) throw new Error("not listed");
  return entry;
}

describe(`relays that find each other [seed ${seed}]`, () => {
  it("do so through each other: the broker is asked once by each, and dies then", async () => {
    const { clock, network } = await grow({ guards: 3, middles: 3, exits: 2 }, { brokerCarries: 8 });
    expect(Math.max(...asked(network))).toBe(1);
    // Of two that dialled each other one link is left.
    await clock.advance(1000);
    for (const { relay } of network.relays.values()) expect(relay.linkCount).toBe(7);
    const client = network.client();
    network.brokerCarries = Infinity;
    const stream = await clock.until(client.openStream({ host: "echo.test", port: 80 }, { isolation: "a" }));
    await clock.until(roundTrip(stream, new Uint8Array(5000).fill(1)));
    client.close();
  });

  it("dial a relay once at a time, also where the broker and the mesh are asked at once", async () => {
    const { clock, network } = await grow({ guards: 2, middles: 1, exits: 0 });
    const [one, dead, way] = [...network.relays.keys()] as [RelayId, RelayId, RelayId];
    const { relay } = network.relays.get(one) ?? expect.unreachable();
    network.kill(dead);
    const dials: ((error: TaborError) => void)[] = [];
    const dialer = { dial: () => new Promise<DataChannel>((_, reject) => dials.push(reject)) };
    const linker = new Linker({ ...{ relay, dialer, clock }, maxLinks: 8, log: silentLog });
    const target = entryOf(network, dead);
    const both = [linker.link(target, undefined), linker.link(target, entryOf(network, way))];
    await clock.settle();
    expect(dials).toHaveLength(1);
    dials[0]?.(new TaborError("unreachable", "link", "nobody is there"));
    expect(await Promise.all(both)).toEqual([false, false]);
    const next = linker.link(target, undefined);
    await clock.settle();
    expect(dials).toHaveLength(2);
    dials[1]?.(new TaborError("unreachable", "link", "nobody is there"));
    expect(await next).toBe(false);
  });

  it("let a newcomer in, who asks the broker once; the others do not", async () => {
    const { network } = await grow({ guards: 2, middles: 2, exits: 2 });
    const before = network.brokered.length;
    network.brokerCarries = before + 1;
    const { relay, mesh } = await network.join(PLAN);
    await network.untilLinked();
    expect(network.brokered.slice(before).map(({ from }) => from)).toEqual([relay.id]);
    expect(mesh.signalled.broker).toBe(1);
  });

  it("count how their links were signalled", async () => {
    const { network } = await grow({ guards: 2, middles: 2, exits: 2 });
    const counts = [...network.relays.values()].map(({ mesh }) => mesh.signalled);
    const broker = counts.reduce((sum, one) => sum + one.broker, 0);
    const mesh = counts.reduce((sum, one) => sum + one.mesh, 0);
    expect(broker).toBeGreaterThanOrEqual(5);
    expect(broker).toBeLessThanOrEqual(6);
    expect(broker + mesh).toBeGreaterThanOrEqual(15);
  });

  it("extend a circuit to a relay that they are not linked to yet, without the broker", async () => {
    const { clock, network, random } = await grow({ guards: 2, middles: 2, exits: 2 });
    const others = [...network.relays.keys()];
    const before = network.brokered.length;
    network.brokerCarries = before + 1;
    const { relay } = await network.join(PLAN);
    const deps = { ...linkDeps(clock, random), primitives: webPrimitives };
    const extensions = others.map(async (id) => {
      const circuit = new ClientCircuit(await rawLink(network, id, deps), 2, deps);
      await circuit.extend(hop(entryOf(network, id)));
      return circuit.extend(hop(entryOf(network, relay.id)));
    });
    const hops = await clock.until(Promise.all(extensions));
    expect(hops).toHaveLength(6);
    expect(network.brokered).toHaveLength(before + 1);
  });

  it("do not wait for a relay whose link was lost", async () => {
    const { clock, network, random } = await grow({ guards: 1, middles: 1, exits: 1 });
    const [one, dead] = [...network.relays.keys()] as [RelayId, RelayId];
    network.kill(dead);
    const deps = { ...linkDeps(clock, random), primitives: webPrimitives };
    const circuit = new ClientCircuit(await clock.until(rawLink(network, one, deps)), 2, deps);
    await clock.until(circuit.extend(hop(entryOf(network, one))));
    const began = clock.monotonic();
    const failed = circuit.extend(hop(entryOf(network, dead)));
    await expect(clock.until(failed)).rejects.toMatchObject({ code: "unreachable" });
    expect(clock.monotonic() - began).toBeLessThan(1000);
  });
});

describe(`relays that everybody meets at [seed ${seed}]`, () => {
  const shape = { guards: 0, middles: 0, exits: 0 };
  const meeting = { flags: ["Stable", "Fast"], limits: { maxCircuits: 0 } } as const;
  const others = Array.from({ length: 5 }, () => PLAN);

  it("and that refuse every circuit, hold the others up for a while, and no longer", async () => {
    const { clock, network } = await grow({ ...shape, others: [meeting, ...others] });
    expect(clock.monotonic()).toBeGreaterThanOrEqual(20_000);
    expect(clock.monotonic()).toBeLessThan(60_000);
    expect(Math.max(...asked(network))).toBeLessThanOrEqual(2);
  });

  it("and that answer nothing any more, neither", async () => {
    const dialled = new Map<RelayId, Set<string>>();
    const channels = (from: RelayId | "client", to: RelayId) => {
      const diallers = dialled.get(to) ?? new Set();
      dialled.set(to, diallers.add(from));
      // Everybody but itself dials it first.
      const isMeeting = (id: RelayId | "client"): boolean =>
        id !== "client" && (dialled.get(id)?.size ?? 0) >= 4;
      return {
        tamper: (message: Uint8Array) =>
          (isMeeting(to) || isMeeting(from)) && message[4] === CREATE2_COMMAND ? null : message,
      };
    };
    const { clock } = await grow(
      { ...shape, others: [{ ...PLAN, flags: ["Stable"] }, ...others] },
      { channels },
    );
    expect(clock.monotonic()).toBeGreaterThanOrEqual(20_000);
    expect(clock.monotonic()).toBeLessThan(120_000);
  });
});

it(withSeed("where no way through the mesh is found for a minute, the broker is asked", seed), async () => {
  const all = Array.from({ length: 5 }, () => ({ flags: ["Fast"], limits: { maxCircuits: 0 } }) as const);
  const { clock, network } = await grow({ guards: 0, middles: 0, exits: 0, others: all });
  expect(clock.monotonic()).toBeGreaterThan(60_000);
  const signalled = [...network.relays.values()].map(({ mesh }) => mesh.signalled.mesh);
  expect(signalled).toEqual([0, 0, 0, 0, 0]);
});
