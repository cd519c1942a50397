import { afterEach, describe, expect, it } from "vitest";
import {
  content,
  ECHO,
  jitteryAead,
  linkDeps,
  rawCircuit,
  rawLink,
  startNetwork,
  unheardFailures,
  type RawEnd,
} from "./support.ts";
import { nodeAead } from "./node-aead.ts";
import { CELL_LENGTH } from "../cell/cell.ts";
import { encodeCreate2, type DestroyReason } from "../cell/control.ts";
import { MAX_STREAM_DATA, type StreamId } from "../cell/relay-message.ts";
import { ANY_ADDRESS } from "../cell/stream-bodies.ts";
import { relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { slot } from "../crypto/slot.ts";
import { webHandshake } from "../crypto/web-primitives.ts";
import type { RelayFlag } from "../directory/consensus.ts";
import { TaborError } from "../errors.ts";
import { createCircuitHandshake } from "../handshake/circuit-handshake.ts";
import type { Link } from "../link/link.ts";
import { silentLog, type Log, type LogFields } from "../ports/log.ts";
import type { Duplex } from "../stream/duplex.ts";
import type { MemoryNetwork } from "../testing/memory-network.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const unheard = unheardFailures(process);
const BOUND = 2 * 2 ** 20;
const FULL = content(1, MAX_STREAM_DATA);

afterEach(() => {
  expect(unheard.splice(0)).toEqual([]);
});

/** @param look is called for each piece that is poured. */
function sites(look: () => void) {
  const pour = async (connection: Duplex): Promise<void> => {
    for (let i = 0; i < 75; i++) {
      await connection.write(content(1, 8000));
      look();
    }
  };
  return {
    ...ECHO,
    "deaf.test": () => undefined,
    "pours.test": (connection: Duplex) => void pour(connection).catch(() => undefined),
  };
}

const id = (number: number): StreamId => number as StreamId;

function begin(end: RawEnd, number: number, host: string): void {
  end.say({ command: "BEGIN", streamId: id(number), target: { host, port: 80 }, preference: ANY_ADDRESS });
}

/** A channel on which, once it is stalled, nothing arrives any more. */
interface Line {
  isStalled: boolean;
}

/** A network whose relays may hold little, and are looked at whenever a message is sent. */
async function scene({ jitter = false } = {}) {
  const lines: (Line & { readonly ends: string })[] = [];
  const watch: { network?: MemoryNetwork; most: number } = { most: 0 };
  const warnings: LogFields[] = [];
  const warn = (_: string, fields: LogFields = {}): void => void warnings.push(fields);
  const log: Log = { ...silentLog, warn, scoped: () => log };
  const look = (): void => {
    for (const { relay } of watch.network?.relays.values() ?? [])
      watch.most = Math.max(watch.most, relay.memory.held);
  };
  const channels = (from: RelayId | "client", to: RelayId) => {
    const line = { isStalled: false, ends: `${from} ${to}` };
    lines.push(line);
    return {
      latency: () => {
        // While room is being made there is still too much.
        queueMicrotask(look);
        return line.isStalled ? 1e9 : 0;
      },
    };
  };
  const world = await startNetwork(
    seed,
    { sites: sites(look) },
    {
      ...{ channels, log, maxQueueMemory: BOUND },
      ...(jitter && { aead: (clock) => jitteryAead(nodeAead, clock, new SeededRandom(seed)) }),
    },
  );
  const { clock, network, random } = world;
  watch.network = network;
  const find = (flag: RelayFlag): RelayId =>
    network.entries.find(({ flags }) => flags.has(flag))?.descriptor.identity as RelayId;
  const connect = async (to: RelayId): Promise<{ link: Link; line: Line }> => {
    const link = await clock.until(rawLink(network, to, linkDeps(clock, random)));
    return { link, line: lines.at(-1) as Line };
  };
  const circuits = (link: Link, to: RelayId, count: number) =>
    clock.until(Promise.all(Array.from({ length: count }, () => rawCircuit(network, link, to))));
  const memory = (of: RelayId) => {
    const relay = network.relays.get(of)?.relay;
    if (relay === undefined) throw new Error("no such relay");
    return relay.memory;
  };
  return { ...world, lines, find, connect, circuits, memory, watch, warnings };
}

type Scene = Awaited<ReturnType<typeof scene>>;

/** An honest client of the relay, on a link of its own, that goes on being served. */
async function bystander({ clock, connect, circuits }: Scene, relay: RelayId): Promise<() => Promise<void>> {
  const { link } = await connect(relay);
  const [end] = (await circuits(link, relay, 1)) as [RawEnd];
  begin(end, 1, "echo.test");
  return async () => {
    const before = end.heard.length;
    end.say({ command: "DATA", streamId: id(1), data: content(1, 77) });
    await clock.advance(20);
    expect(end.destroyed).toBeUndefined();
    expect(end.heard.length).toBeGreaterThan(before);
    expect(end.heard.at(-1)).toMatchObject({ command: "DATA" });
  };
}

function lost(ends: readonly RawEnd[]): number {
  return ends.filter(({ destroyed }) => destroyed === "resource-limit").length;
}

async function extend2(network: MemoryNetwork, to: RelayId) {
  const identity = relayIdToBytes(to);
  const entry = network.entries.find(({ descriptor }) => descriptor.identity === to);
  const ntorKey = entry?.descriptor.ntorKey ?? new Uint8Array(32);
  const { htype, hdata } = await createCircuitHandshake({ identity, ntorKey }, slot(2), webHandshake);
  return { command: "EXTEND2", identity, htype, hdata } as const;
}

describe(withSeed("a relay's memory stays below its bound", seed), () => {
  it("with a receiver that never reads: its circuits end, the oldest data first, and nobody else's", async () => {
    const world = await scene();
    const { clock, network, find, connect, circuits, memory, watch, warnings } = world;
    const exit = find("Exit");
    const works = await bystander(world, exit);
    const { link, line } = await connect(exit);
    const deaf = await circuits(link, exit, 12);
    for (const end of deaf) {
      for (let stream = 1; stream <= 2; stream++) begin(end, stream, "pours.test");
      await clock.settle();
      line.isStalled = true;
      await clock.advance(5);
      await works();
      expect(memory(exit).held).toBeLessThanOrEqual(BOUND);
      line.isStalled = false;
      // What was sent before it stalled again is all that this link's channel carries on.
      await clock.settle();
    }
    expect(watch.most).toBeGreaterThan(0.9 * BOUND);
    expect(watch.most).toBeLessThanOrEqual(BOUND);
    // Each holds a first window and what two sites have sent, a fifth of the bound. What ended circuits left is old too: then the link goes.
    expect(memory(exit).ended).toBeGreaterThan(2);
    expect(network.relays.get(exit)?.relay.stats.circuits).toBeLessThan(1 + 5);
    expect(warnings[0]).toMatchObject({ mebibytes: 2 });
    await works();
  });

  it("with a site that never reads, whatever clients send to it", async () => {
    const world = await scene();
    const { clock, find, connect, circuits, memory, watch } = world;
    const exit = find("Exit");
    const works = await bystander(world, exit);
    const { link } = await connect(exit);
    const ends = await circuits(link, exit, 4);
    for (const end of ends) {
      begin(end, 1, "deaf.test");
      for (let i = 0; i < 700; i++) {
        end.say({ command: "DATA", streamId: id(1), data: FULL });
        if (i % 100 === 99) await clock.advance(1);
      }
      await works();
    }
    expect(watch.most).toBeGreaterThan(0.9 * BOUND);
    expect(watch.most).toBeLessThanOrEqual(BOUND);
    // Who came first has the oldest data.
    expect(ends.map(({ destroyed }) => destroyed !== undefined).lastIndexOf(true)).toBe(lost(ends) - 1);
    expect(lost(ends)).toBeGreaterThan(1);
    expect(memory(exit).ended).toBe(lost(ends));
  });

  it("with 1,000 half-open circuits: what is above its bound is refused", async () => {
    const world = await scene();
    const { clock, network, find, connect, memory, watch } = world;
    const exit = find("Exit");
    const works = await bystander(world, exit);
    const { htype, hdata } = await extend2(network, exit);
    const answers: (DestroyReason | "created")[] = [];
    for (let batch = 0; batch < 20; batch++) {
      const { link } = await connect(exit);
      for (let i = 0; i < 50; i++)
        link
          .openCircuit({
            relay: () => undefined,
            created: () => answers.push("created"),
            destroyed: (reason) => answers.push(reason),
            linkClosed: () => undefined,
          })
          .send("CREATE2", encodeCreate2({ htype, hdata }));
      await clock.advance(10);
    }
    expect(answers).toHaveLength(1000);
    expect(new Set(answers)).toEqual(new Set(["created", "resource-limit"]));
    // Half of the bound, at 16 KiB each; one is the bystander's.
    expect(answers.filter((answer) => answer === "created")).toHaveLength(BOUND / 2 / 16_384 - 1);
    expect(watch.most).toBeLessThanOrEqual(BOUND);
    expect(memory(exit).held).toBe(BOUND / 2);
    await works();
    network.relays.get(exit)?.relay.close();
    await clock.settle();
    expect(memory(exit).held).toBe(0);
  });

  for (const jitter of [false, true])
    it(`with a peer that sends as fast as it can, and a cipher that is ${jitter ? "late" : "immediate"}`, async () => {
      const world = await scene({ jitter });
      const { clock, network, lines, find, connect, circuits, memory, watch } = world;
      const [guard, exit] = [find("Guard"), find("Exit")];
      const works = await bystander(world, exit);
      const { link } = await connect(guard);
      const ends = await circuits(link, guard, 6);
      for (const end of ends) {
        end.say(await extend2(network, exit));
        await clock.advance(20);
        expect(end.commands()).toEqual(["EXTENDED2"]);
      }
      for (const line of lines) line.isStalled = [guard, exit].every((one) => line.ends.includes(one));
      for (let i = 0; i < 400; i++) {
        for (const end of ends) end.forward(content(1, 2026));
        if (i % 8 === 7) await clock.advance(0);
      }
      await clock.advance(20);
      expect(watch.most).toBeGreaterThan(0.9 * BOUND);
      expect(watch.most).toBeLessThanOrEqual(BOUND);
      expect(lost(ends)).toBeGreaterThan(0);
      expect(memory(guard).ended).toBe(lost(ends));
      await works();
      link.close(new TaborError("closed", "here", "done"));
      await clock.advance(20);
      // A DESTROY for each on the way to the relay that reads nothing.
      expect(memory(guard).held).toBeLessThanOrEqual(ends.length * CELL_LENGTH);
    });
});
