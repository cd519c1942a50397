import { afterEach, describe, expect, it } from "vitest";
import { nodePrimitives } from "./node-aead.ts";
import {
  content,
  failure,
  linkDeps,
  rawCircuit,
  rawLink,
  readAll,
  roundTrip,
  startNetwork,
  unheardFailures,
} from "./support.ts";
import { CELL_LENGTH } from "../cell/cell.ts";
import { ANY_ADDRESS } from "../cell/stream-bodies.ts";
import { ClientCircuit } from "../circuit/client-circuit.ts";
import { decodeGuards } from "../client/guards/guard-records.ts";
import type { OnionClient } from "../client/onion-client.ts";
import type { BootstrapStage } from "../client/status.ts";
import { relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { MAX_SLOT } from "../crypto/slot.ts";
import { webHandshake } from "../crypto/web-primitives.ts";
import { createCircuitHandshake } from "../handshake/circuit-handshake.ts";
import { slot } from "../crypto/slot.ts";
import { TaborError } from "../errors.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import type { Random } from "../ports/random.ts";
import { ClientStreams } from "../stream/client-streams.ts";
import { memoryGuardStore, type MemoryNetwork } from "../testing/memory-network.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";
import type { VirtualClock } from "../testing/virtual-clock.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const unheard = unheardFailures(process);
const echo = { host: "echo.test", port: 80 };

afterEach(() => {
  expect(unheard.splice(0)).toEqual([]);
});

const CREATE2_COMMAND = 10;

/** Whether a message holds a cell of this command. */
function holds(message: Uint8Array, command: number): boolean {
  for (let at = 4; at < message.length; at += CELL_LENGTH) if (message[at] === command) return true;
  return false;
}

/** Draws that always give the slots this place to begin. */
function firstSlot(offset: number): Random {
  return {
    fill: (target) => {
      target[target.length - 1] = offset;
      return target;
    },
  };
}

function target({ descriptor }: RelayEntry) {
  return { id: descriptor.identity, ntorKey: descriptor.ntorKey };
}

function role(network: MemoryNetwork, flag: "Guard" | "Exit" | undefined): RelayEntry {
  const found = network.entries.find(({ flags }) =>
    flag === undefined ? !flags.has("Guard") && !flags.has("Exit") : flags.has(flag),
  );
  if (found === undefined) throw new Error("no such relay");
  return found;
}

/** Lets time pass until the client has a circuit ready. */
async function ready(clock: VirtualClock, client: OnionClient): Promise<void> {
  for (let i = 0; i < 12_000 && client.status.stage !== "ready"; i++) await clock.advance(100);
  expect(client.status.stage).toBe("ready");
}

/** Ready, and nothing is in the way: chance may put a dead relay that is still listed into the middle of circuits for minutes. */
async function well(clock: VirtualClock, client: OnionClient): Promise<void> {
  const isWell = (): boolean => client.status.stage === "ready" && client.status.problem === undefined;
  for (let i = 0; i < 12_000 && !isWell(); i++) await clock.advance(100);
  expect(client.status).toMatchObject({ stage: "ready", problem: undefined });
}

/** The guards that circuits were built through, in the order in which that first happened. */
function confirmedIn(saved: string | undefined): readonly RelayId[] {
  const records = decodeGuards(saved ?? "", Infinity).filter(({ confirmed }) => confirmed !== undefined);
  return records.sort((a, b) => (a.confirmed?.rank ?? 0) - (b.confirmed?.rank ?? 0)).map(({ id }) => id);
}

function hopsOf(stream: { readonly circuit: OnionClient["circuits"][number] }): RelayId[] {
  return stream.circuit.hops.map(({ relay }) => relay);
}

describe(withSeed("circuits by hand", seed), () => {
  const lengths = [1, 3, 5, 8].flatMap((hops) =>
    Array.from({ length: MAX_SLOT - hops + 1 }, (_, offset) => [hops, offset] as const),
  );
  for (const [hops, offset] of lengths) {
    it(`of ${String(hops)} hops work with the first slot ${String(1 + offset)}`, async () => {
      const { clock, network, random } = await startNetwork(seed, { guards: 0, middles: 1, exits: 2 });
      const entries = Array.from({ length: hops }, (_, i) => {
        // The last is an exit, and none comes twice in a row.
        const exits = network.entries.filter(({ flags }) => flags.has("Exit"));
        return i === hops - 1 ? exits[0] : i % 2 === hops % 2 ? exits[1] : role(network, undefined);
      }) as RelayEntry[];
      const first = entries[0] as RelayEntry;
      const link = await clock.until(rawLink(network, first.descriptor.identity, linkDeps(clock, random)));
      const circuit = new ClientCircuit(link, hops, {
        primitives: nodePrimitives,
        clock,
        random: firstSlot(offset),
      });
      for (const entry of entries) await clock.until(circuit.extend(target(entry)));
      const last = circuit.hops.at(-1);
      const streams = new ClientStreams((last as NonNullable<typeof last>).end, () => undefined);
      const { stream, connected } = streams.open(echo, ANY_ADDRESS);
      await clock.until(connected);
      expect(await clock.until(roundTrip(stream, content(hops, 20_000)))).toEqual(content(hops, 20_000));
      expect(circuit.isClosed).toBe(false);
    });
  }

  async function threeHops() {
    const world = await startNetwork(seed);
    const { clock, network, random } = world;
    const path = [role(network, "Guard"), role(network, undefined), role(network, "Exit")];
    const id = (path[0] as RelayEntry).descriptor.identity;
    const link = await clock.until(rawLink(network, id, linkDeps(clock, random)));
    const circuit = new ClientCircuit(link, 3, { primitives: nodePrimitives, clock, random });
    for (const entry of path) await clock.until(circuit.extend(target(entry)));
    const carried = (): number[] =>
      path.map(({ descriptor }) => network.relays.get(descriptor.identity)?.relay.stats.circuits ?? 0);
    return { ...world, path, link, circuit, carried };
  }

  it("reach a middle like an exit: it refuses streams, and the circuit goes on", async () => {
    const { clock, circuit } = await threeHops();
    for (const hop of circuit.hops.slice(0, 2)) {
      const streams = new ClientStreams(hop.end, () => undefined);
      const { connected } = streams.open(echo, ANY_ADDRESS);
      expect((await clock.until(failure(connected))).code).toBe("exit-policy");
      expect(await clock.until(streams.resolve("echo.test"))).toEqual([{ type: "error", transient: false }]);
    }
    const exit = circuit.hops[2] as NonNullable<(typeof circuit.hops)[2]>;
    const { stream, connected } = new ClientStreams(exit.end, () => undefined).open(echo, ANY_ADDRESS);
    await clock.until(connected);
    expect(await clock.until(roundTrip(stream, content(1, 100)))).toEqual(content(1, 100));
  });

  it("are cut short by TRUNCATE: what lies behind is destroyed, and the client gives up the rest", async () => {
    const { clock, circuit, carried } = await threeHops();
    expect(carried()).toEqual([1, 1, 1]);
    circuit.hops[0]?.end.send({ command: "TRUNCATE" });
    const reason = await clock.until(circuit.closed);
    expect(reason).toMatchObject({ code: "closed", where: "relay" });
    await clock.settle();
    expect(carried()).toEqual([0, 0, 0]);
  });

  it("are destroyed from end to end when the client closes them, or its link", async () => {
    const { clock, circuit, link, path, carried } = await threeHops();
    const second = new ClientCircuit(link, 3, {
      primitives: nodePrimitives,
      clock,
      random: firstSlot(0),
    });
    for (const entry of path) await clock.until(second.extend(target(entry)));
    expect(carried()).toEqual([2, 2, 2]);
    circuit.destroy(new TaborError("closed", "here", "done"));
    await clock.settle();
    expect(carried()).toEqual([1, 1, 1]);
    link.close(new TaborError("closed", "here", "done"));
    expect((await clock.until(second.closed)).code).toBe("closed");
    await clock.settle();
    expect(carried()).toEqual([0, 0, 0]);
  });

  it("to a relay that nobody knows end with its name's owner unreachable", async () => {
    const { clock, network, random } = await startNetwork(seed);
    const guard = role(network, "Guard");
    const link = await clock.until(rawLink(network, guard.descriptor.identity, linkDeps(clock, random)));
    const circuit = new ClientCircuit(link, 3, { primitives: nodePrimitives, clock, random });
    await clock.until(circuit.extend(target(guard)));
    const stranger = { id: target(guard).id, ntorKey: target(guard).ntorKey };
    const error = await clock.until(failure(circuit.extend(stranger)));
    expect(error).toMatchObject({ code: "unreachable", where: "relay" });
    expect(circuit.isClosed).toBe(true);
  });

  it("get TRUNCATED after exactly 10 s when the next relay does not answer, and can be extended elsewhere", async () => {
    const attack: { deaf?: RelayId } = {};
    const { clock, network, random } = await startNetwork(
      seed,
      { middles: 2 },
      {
        channels: (from, to) => ({
          // Whoever dialled: CREATE2 does not reach the deaf one.
          tamper: (message, direction) =>
            holds(message, CREATE2_COMMAND) && (direction === "a to b" ? to : from) === attack.deaf
              ? null
              : message,
        }),
      },
    );
    const guard = role(network, "Guard");
    attack.deaf = role(network, undefined).descriptor.identity;
    const link = await clock.until(rawLink(network, guard.descriptor.identity, linkDeps(clock, random)));
    const end = await clock.until(rawCircuit(network, link, guard.descriptor.identity));
    const extendTo = async (entry: RelayEntry): Promise<void> => {
      const identity = relayIdToBytes(entry.descriptor.identity);
      const keys = { identity, ntorKey: entry.descriptor.ntorKey };
      const handshake = await createCircuitHandshake(keys, slot(2), webHandshake);
      end.say({ command: "EXTEND2", identity, htype: handshake.htype, hdata: handshake.hdata });
      await clock.settle();
    };
    await extendTo(role(network, undefined));
    await clock.advance(9_999);
    expect(end.heard).toEqual([]);
    await clock.advance(1);
    expect(end.heard).toEqual([{ command: "TRUNCATED", reason: "timeout" }]);
    await extendTo(role(network, "Exit"));
    expect(end.commands()).toEqual(["TRUNCATED", "EXTENDED2"]);
  });

  it("end when a hop has not answered for 10 s", async () => {
    const { clock, network, random } = await startNetwork(
      seed,
      {},
      {
        channels: (from) => ({
          tamper: (message) => (from === "client" && holds(message, CREATE2_COMMAND) ? null : message),
        }),
      },
    );
    const guard = role(network, "Guard");
    const link = await clock.until(rawLink(network, guard.descriptor.identity, linkDeps(clock, random)));
    const circuit = new ClientCircuit(link, 3, { primitives: nodePrimitives, clock, random });
    const started = clock.monotonic();
    const error = await clock.until(failure(circuit.extend(target(guard))));
    expect(error.code).toBe("timeout");
    expect(clock.monotonic() - started).toBe(10_000);
    expect(link.circuitCount).toBe(0);
  });
});

describe(withSeed("a client's circuits", seed), () => {
  it("come up stage by stage, and three clean ones are always kept ready", async () => {
    const { clock, network } = await startNetwork(seed, { guards: 2, middles: 2, exits: 2 });
    const client = network.client();
    const stages: BootstrapStage[] = [client.status.stage];
    client.subscribe((event) => {
      if (event.type === "status" && event.status.stage !== stages.at(-1)) stages.push(event.status.stage);
    });
    const clean = (): number =>
      client.circuits.filter((one) => one.isolation === undefined && one.state.name === "open").length;
    await clock.advance(1000);
    expect(stages).toEqual(["directory", "guard", "circuit", "ready"]);
    expect(clean()).toBe(3);
    for (const isolation of ["a", "b", "c"]) {
      await clock.until(client.openStream(echo, { isolation }));
      await clock.settle();
      expect(clean()).toBe(3);
    }
    expect(stages).toEqual(["directory", "guard", "circuit", "ready"]);
    client.newIdentity();
    await clock.settle();
    expect(clean()).toBe(3);
    expect(stages).toEqual(["directory", "guard", "circuit", "ready", "circuit", "ready"]);
  });

  it("break when a middle dies in mid-stream; the client is soon ready again by itself", async () => {
    const { clock, network } = await startNetwork(seed, { middles: 2 });
    const client = network.client();
    const stream = await clock.until(client.openStream(echo, { isolation: "a" }));
    const middle = hopsOf(stream)[1] as RelayId;
    const writing = failure(stream.write(content(1, 5_000_000)));
    await clock.until(stream.read());
    network.kill(middle);
    const reading = failure(readAll(stream));
    const errors = await clock.until(Promise.all([reading, writing]));
    for (const error of errors) expect(error).toMatchObject({ code: "closed", where: "relay" });
    await network.publish(network.entries.filter(({ descriptor }) => descriptor.identity !== middle));
    await ready(clock, client);
    const next = await clock.until(client.openStream(echo, { isolation: "a" }));
    expect(hopsOf(next)).not.toContain(middle);
    expect(await clock.until(roundTrip(next, content(2, 5000)))).toEqual(content(2, 5000));
  });

  it("tell of a dead exit that it is gone, not that a cell was altered, in the midst of an upload", async () => {
    const { clock, network } = await startNetwork(seed, { exits: 2 }, { channels: { latency: () => 20 } });
    const stream = await clock.until(network.client().openStream(echo, { isolation: "a" }));
    const exit = hopsOf(stream)[2] as RelayId;
    const writing = failure(stream.write(content(1, 5_000_000)));
    await clock.advance(200);
    network.kill(exit);
    expect(await clock.until(writing)).toMatchObject({ code: "closed", where: "relay" });
  });

  it("move to the next guard when theirs dies, and the client says so meanwhile", async () => {
    const { clock, network } = await startNetwork(seed, { guards: 2 });
    const guards = memoryGuardStore();
    const client = network.client({ guards });
    const stages = new Set<BootstrapStage>();
    const stream = await clock.until(client.openStream(echo, { isolation: "a" }));
    client.subscribe((event) => {
      if (event.type === "status") stages.add(event.status.stage);
    });
    const dead = hopsOf(stream)[0] as RelayId;
    network.kill(dead);
    expect((await clock.until(failure(readAll(stream)))).where).toBe("link");
    await clock.advance(30_000);
    await well(clock, client);
    expect([...stages]).toEqual(expect.arrayContaining(["guard", "circuit", "ready"]));
    const next = await clock.until(client.openStream(echo, { isolation: "a" }));
    expect(hopsOf(next)[0]).not.toBe(dead);
    // The old one comes first as soon as it answers again.
    expect(confirmedIn(guards.saved)).toEqual([dead, hopsOf(next)[0]]);
  });

  it("move to the next guard when theirs is linked but answers nothing", async () => {
    const attack: { stalled?: RelayId | undefined } = {};
    const { clock, network } = await startNetwork(
      seed,
      { guards: 2 },
      {
        channels: (from, to) => ({
          tamper: (message) =>
            from === "client" && to === attack.stalled && holds(message, CREATE2_COMMAND) ? null : message,
        }),
      },
    );
    const guards = memoryGuardStore();
    const first = network.client({ guards });
    await ready(clock, first);
    first.close();
    [attack.stalled] = confirmedIn(guards.saved);
    const client = network.client({ guards });
    const stream = await clock.until(client.openStream(echo, { isolation: "a" }));
    expect(hopsOf(stream)[0]).not.toBe(attack.stalled);
  });

  it("go on over their guard when it is the only one and was away for a moment", async () => {
    const { clock, network } = await startNetwork(seed);
    const client = network.client();
    await ready(clock, client);
    for (const { from, channel } of network.channels) if (from === "client") channel.cut("radio");
    await clock.advance(10_000);
    expect(client.status).toMatchObject({ stage: "ready", problem: undefined });
    await clock.until(client.openStream(echo, { isolation: "a" }));
  });

  it("leave a guard that is no longer listed; what runs over it runs on", async () => {
    const { clock, network } = await startNetwork(seed, { guards: 2 });
    const client = network.client();
    const old = await clock.until(client.openStream(echo, { isolation: "a" }));
    const guard = hopsOf(old)[0];
    await network.publish(network.entries.filter(({ descriptor }) => descriptor.identity !== guard));
    client.newIdentity();
    const next = await clock.until(client.openStream(echo, { isolation: "a" }));
    expect(hopsOf(next)[0]).not.toBe(guard);
    expect(await clock.until(roundTrip(old, content(1, 5000)))).toEqual(content(1, 5000));
    client.close();
    await clock.settle();
    expect([...network.relays.values()].map(({ relay }) => relay.stats.clientLinks)).toEqual([0, 0, 0, 0]);
  });

  it("keep their guard from one session to the next", async () => {
    const { clock, network } = await startNetwork(seed, { guards: 5, middles: 2, exits: 2 });
    const guards = memoryGuardStore();
    const used = new Set<RelayId | undefined>();
    for (let session = 0; session < 6; session++) {
      const client = network.client({ guards });
      const stream = await clock.until(client.openStream(echo, { isolation: "a" }));
      used.add(hopsOf(stream)[0]);
      client.newIdentity();
      used.add(hopsOf(await clock.until(client.openStream(echo, { isolation: "a" })))[0]);
      client.close();
    }
    expect(used.size).toBe(1);
    expect(confirmedIn(guards.saved)).toEqual([...used]);
  });

  it("take new streams for ten minutes to the millisecond; a running stream lives through it", async () => {
    const { clock, network } = await startNetwork(seed);
    const client = network.client();
    await ready(clock, client);
    const first = await clock.until(client.openStream(echo, { isolation: "a" }));
    await clock.advance(599_999);
    const second = await clock.until(client.openStream(echo, { isolation: "a" }));
    expect(second.circuit.id).toBe(first.circuit.id);
    await clock.advance(1);
    const third = await clock.until(client.openStream(echo, { isolation: "a" }));
    expect(third.circuit.id).not.toBe(first.circuit.id);
    await clock.advance(3_600_000);
    expect(first.circuit.state.name).toBe("open");
    expect(await clock.until(roundTrip(first, content(1, 50_000)))).toEqual(content(1, 50_000));
    expect(await clock.until(roundTrip(second, content(2, 50_000)))).toEqual(content(2, 50_000));
    await clock.advance(60_000);
    expect(first.circuit.state.name).toBe("closed");
  }, 60_000);

  it("are never shared by two isolations, however many streams are opened at once", async () => {
    const { clock, network } = await startNetwork(seed, { guards: 2, middles: 3, exits: 3 });
    const client = network.client();
    const isolations = Array.from({ length: 40 }, (_, i) => `site ${String(i % 8)}`);
    const streams = await clock.until(
      Promise.all(isolations.map((isolation) => client.openStream(echo, { isolation }))),
    );
    const circuitsOf = new Map<string, Set<number>>();
    streams.forEach((stream, i) => {
      const isolation = isolations[i] as string;
      circuitsOf.set(isolation, (circuitsOf.get(isolation) ?? new Set()).add(stream.circuit.id));
    });
    expect([...circuitsOf.values()].map(({ size }) => size)).toEqual(Array.from({ length: 8 }, () => 1));
    expect(new Set([...circuitsOf.values()].flatMap((ids) => [...ids])).size).toBe(8);
  });

  it("are new after 'new circuit for this site', for that site alone, and after 'new identity' for all", async () => {
    const { clock, network } = await startNetwork(seed);
    const client = network.client();
    const open = async (isolation: string): Promise<number> =>
      (await clock.until(client.openStream(echo, { isolation }))).circuit.id;
    const [a, b] = [await open("a"), await open("b")];
    expect(await open("a")).toBe(a);
    client.newCircuitFor("a");
    const a2 = await open("a");
    expect(a2).not.toBe(a);
    expect(await open("b")).toBe(b);
    client.newIdentity();
    const after = [await open("a"), await open("b")];
    for (const old of [a, a2, b]) expect(after).not.toContain(old);
    expect(after[0]).not.toBe(after[1]);
  });

  it("that a hostile exit keeps from ending do not use up all that a client may have", async () => {
    const exit = {
      connect: () => new Promise<never>(() => undefined),
      resolve: () => new Promise<never>(() => undefined),
    };
    const { clock, network } = await startNetwork(seed, { exits: 0, others: [{ flags: ["Exit"], exit }] });
    const client = network.client();
    for (let i = 0; i < 30; i++) {
      const isolation = String(i);
      const asked = [client.openStream(echo, { isolation }), client.resolve("echo.test", { isolation })];
      await clock.until(Promise.all(asked.map(failure)));
    }
    await clock.advance(630_000);
    expect(client.circuits.length).toBeLessThan(5);
  }, 60_000);

  it("of which nothing runs any more make room for those of further sites", async () => {
    const { clock, network } = await startNetwork(seed);
    const client = network.client();
    const lasting = await clock.until(client.openStream(echo, { isolation: "lasting" }));
    for (let i = 0; i < 100; i++) {
      const stream = await clock.until(client.openStream(echo, { isolation: String(i) }));
      await clock.until(roundTrip(stream, content(i, 10)));
    }
    expect(client.circuits.length).toBeLessThanOrEqual(64);
    expect(await clock.until(roundTrip(lasting, content(1, 10)))).toEqual(content(1, 10));
  });

  it("end with the client: every wait fails, nothing is left running", async () => {
    const { clock, network } = await startNetwork(seed, {}, { channels: { latency: () => 10 } });
    const before = clock.waiting;
    const client = network.client();
    const stream = await clock.until(client.openStream(echo, { isolation: "a" }));
    const reading = failure(stream.read());
    const opening = failure(client.openStream(echo, { isolation: "b" }));
    client.close();
    expect((await clock.until(reading)).where).toBe("here");
    expect((await clock.until(opening)).code).toBe("closed");
    expect((await failure(client.openStream(echo, { isolation: "c" }))).code).toBe("closed");
    await clock.advance(100);
    expect(clock.waiting).toBe(before);
    expect([...network.relays.values()].every(({ relay }) => relay.stats.circuits === 0)).toBe(true);
  });
});
