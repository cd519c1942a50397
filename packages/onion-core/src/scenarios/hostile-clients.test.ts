import { afterEach, describe, expect, it } from "vitest";
import {
  BURST,
  content,
  ECHO,
  linkDeps,
  rawCircuit,
  rawLink,
  startNetwork,
  UNDER_WAY,
  unheardFailures,
  type RawEnd,
} from "./support.ts";
import { CELL_QUEUE_BOUND } from "../circuit/bounds.ts";
import { TABOR_PARAMETERS } from "../congestion/vegas-parameters.ts";
import { encodeCreate2, type DestroyReason } from "../cell/control.ts";
import { MAX_STREAM_DATA, type StreamId } from "../cell/relay-message.ts";
import { ANY_ADDRESS } from "../cell/stream-bodies.ts";
import { relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { slot } from "../crypto/slot.ts";
import { webHandshake } from "../crypto/web-primitives.ts";
import { createCircuitHandshake } from "../handshake/circuit-handshake.ts";
import type { CircuitHandler } from "../link/link-circuit.ts";
import type { Duplex } from "../stream/duplex.ts";
import type { MemoryNetwork } from "../testing/memory-network.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";
import type { VirtualClock } from "../testing/virtual-clock.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const unheard = unheardFailures(process);

afterEach(() => {
  expect(unheard.splice(0)).toEqual([]);
});

const FULL = content(1, MAX_STREAM_DATA);

const id = (number: number): StreamId => number as StreamId;

/** Sites of all tempers. */
const SITES = {
  ...ECHO,
  "silent.test": () => undefined,
  "pours.test": (connection: Duplex) => {
    const pour = async (): Promise<void> => {
      for (let i = 0; i < 2000; i++) await connection.write(content(i, 8000));
    };
    pour().catch(() => undefined);
  },
};

interface Scene {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  /** The hostile client's circuit, with the exit as its only hop. */
  readonly end: RawEnd;
  /** What the exit thinks of. */
  readonly exit: RelayId;
}

function begin(end: RawEnd, number: number, host: string): void {
  end.say({ command: "BEGIN", streamId: id(number), target: { host, port: 80 }, preference: ANY_ADDRESS });
}

function data(end: RawEnd, number: number, cells: number): void {
  for (let i = 0; i < cells; i++) end.say({ command: "DATA", streamId: id(number), data: FULL });
}

async function extend2(network: MemoryNetwork, to: RelayId) {
  const identity = relayIdToBytes(to);
  const entry = network.entries.find(({ descriptor }) => descriptor.identity === to);
  const ntorKey = entry?.descriptor.ntorKey ?? new Uint8Array(32);
  const { htype, hdata } = await createCircuitHandshake({ identity, ntorKey }, slot(2), webHandshake);
  return { command: "EXTEND2", identity, htype, hdata } as const;
}

interface Misdeed {
  readonly name: string;
  readonly do: (scene: Scene) => Promise<void> | void;
  readonly reason?: DestroyReason;
}

const MISDEEDS: readonly Misdeed[] = [
  {
    name: "sends DATA on no stream",
    do: ({ end }) => {
      data(end, 1, 1);
    },
  },
  {
    name: "sends END on no stream",
    do: ({ end }) => {
      end.say({ command: "END", streamId: id(1), reason: "done" });
    },
  },
  {
    name: "sends DATA after its END",
    do: ({ end }) => {
      begin(end, 1, "silent.test");
      end.say({ command: "END", streamId: id(1), reason: "done" });
      data(end, 1, 1);
    },
  },
  {
    name: "sends END done twice",
    do: ({ end }) => {
      begin(end, 1, "silent.test");
      end.say({ command: "END", streamId: id(1), reason: "done" });
      end.say({ command: "END", streamId: id(1), reason: "done" });
    },
  },
  {
    name: "sends an empty DATA",
    do: ({ end }) => {
      begin(end, 1, "silent.test");
      end.say({ command: "DATA", streamId: id(1), data: new Uint8Array(0) });
    },
  },
  {
    name: "goes on sending after XOFF, beyond what can have been under way",
    do: async ({ end, clock }) => {
      begin(end, 1, "silent.test");
      for (let cells = 0; cells <= BURST + UNDER_WAY; cells += 64) {
        data(end, 1, 64);
        await clock.settle();
      }
      expect(end.commands()).toContain("XOFF");
    },
  },
  {
    name: "uses a stream id again",
    do: ({ end }) => {
      begin(end, 1, "silent.test");
      begin(end, 1, "silent.test");
    },
  },
  {
    name: "uses a smaller stream id than before",
    do: ({ end }) => {
      begin(end, 7, "silent.test");
      end.say({ command: "RESOLVE", streamId: id(6), name: "echo.test" });
    },
  },
  {
    name: "acknowledges a circuit's cells that never were",
    do: ({ end }) => {
      end.say({ command: "SENDME", tag: new Uint8Array(16) });
    },
  },
  {
    name: "stops a stream on which nothing has come",
    do: ({ end }) => {
      begin(end, 1, "silent.test");
      end.say({ command: "XOFF", streamId: id(1) });
    },
  },
  {
    name: "names its rate for a stream on which nothing has come",
    do: ({ end }) => {
      begin(end, 1, "silent.test");
      end.say({ command: "XON", streamId: id(1), kbps: 1 });
    },
  },
  {
    name: "acknowledges with a made-up tag",
    do: async ({ end, clock }) => {
      begin(end, 1, "pours.test");
      await clock.settle();
      end.say({ command: "SENDME", tag: content(1, 16) });
    },
  },
  {
    name: "acknowledges the second SENDME's worth before the first",
    do: async ({ end, clock }) => {
      begin(end, 1, "pours.test");
      await clock.settle();
      end.say({ command: "SENDME", tag: end.earnedTags()[1] ?? new Uint8Array(16) });
    },
  },
  {
    name: "acknowledges the same cell twice",
    do: async ({ end, clock }) => {
      begin(end, 1, "pours.test");
      await clock.settle();
      for (let i = 0; i < 2; i++)
        end.say({ command: "SENDME", tag: end.earnedTags()[0] ?? new Uint8Array(16) });
    },
  },
  {
    name: "says CONNECTED",
    do: ({ end }) => {
      begin(end, 1, "silent.test");
      end.say({ command: "CONNECTED", streamId: id(1), connected: undefined });
    },
  },
  {
    name: "says RESOLVED",
    do: ({ end }) => {
      end.say({ command: "RESOLVED", streamId: id(1), answers: [{ type: "error", transient: true }] });
    },
  },
  {
    name: "says TRUNCATED",
    do: ({ end }) => {
      end.say({ command: "TRUNCATED", reason: "none" });
    },
  },
  {
    name: "says EXTENDED2",
    do: ({ end }) => {
      end.say({ command: "EXTENDED2", hdata: new Uint8Array(64) });
    },
  },
  {
    name: "sends CREATED2",
    do: ({ end }) => {
      end.circuit?.send("CREATED2", Uint8Array.of(0, 0));
    },
  },
  {
    name: "sends on to a next hop that never was",
    do: ({ end }) => {
      end.forward(content(1, 2026));
    },
  },
  {
    name: "extends a circuit while it is being extended",
    do: async ({ end, network, exit }) => {
      const other = [...network.relays.keys()].find((one) => one !== exit) as RelayId;
      end.say(await extend2(network, other));
      end.say(await extend2(network, other));
    },
  },
  {
    name: "extends a circuit in its middle",
    do: async ({ end, network, exit, clock }) => {
      const other = [...network.relays.keys()].find((one) => one !== exit) as RelayId;
      end.say(await extend2(network, other));
      await clock.settle();
      expect(end.commands()).toEqual(["EXTENDED2"]);
      end.say(await extend2(network, other));
    },
  },
  {
    name: "has more streams than a circuit may",
    do: ({ end }) => {
      for (let i = 1; i <= 1025; i++) begin(end, i, "silent.test");
    },
    reason: "resource-limit",
  },
  {
    name: "asks for a target that is none",
    do: ({ end }) => {
      end.say({
        command: "BEGIN",
        streamId: id(1),
        target: { host: "a b", port: 80 },
        preference: ANY_ADDRESS,
      });
    },
  },
];

async function scene(): Promise<Scene & { readonly bystander: RawEnd }> {
  const { clock, network, random } = await startNetwork(seed, { sites: SITES });
  const exit = network.entries.find(({ flags }) => flags.has("Exit"))?.descriptor.identity as RelayId;
  const link = await clock.until(rawLink(network, exit, linkDeps(clock, random)));
  const [end, bystander] = await clock.until(
    Promise.all([rawCircuit(network, link, exit), rawCircuit(network, link, exit)]),
  );
  return { clock, network, end, bystander, exit };
}

/** Another circuit on the same link still does its work. */
async function works(bystander: RawEnd, clock: VirtualClock): Promise<void> {
  begin(bystander, 1, "echo.test");
  bystander.say({ command: "DATA", streamId: id(1), data: content(1, 77) });
  await clock.settle();
  expect(bystander.destroyed).toBeUndefined();
  expect(bystander.commands()).toEqual(["CONNECTED", "DATA"]);
}

describe(withSeed("a client that", seed), () => {
  for (const { name, do: misdeed, reason = "protocol" } of MISDEEDS)
    it(`${name} loses that circuit, and no other`, async () => {
      const { bystander, ...rest } = await scene();
      const { end, clock, network, exit } = rest;
      await misdeed(rest);
      await clock.settle();
      expect(end.destroyed).toBe(reason);
      await works(bystander, clock);
      expect(network.relays.get(exit)?.relay.stats.circuits).toBe(1);
    });

  it("acknowledges what it got, in order, gets more; without, the exit stops at its window", async () => {
    const { end, clock } = await scene();
    begin(end, 1, "pours.test");
    begin(end, 2, "pours.test");
    begin(end, 3, "pours.test");
    await clock.settle();
    const cells = (): number => end.commands().filter((command) => command === "DATA").length;
    expect(cells()).toBe(TABOR_PARAMETERS.cwndInit);
    for (const tag of end.earnedTags().slice(0, 2)) end.say({ command: "SENDME", tag });
    await clock.settle();
    expect(cells()).toBe(TABOR_PARAMETERS.cwndInit + 2 * TABOR_PARAMETERS.sendmeInc);
    expect(end.destroyed).toBeUndefined();
  });

  it("opens and cuts streams faster than sites can be dialled is refused what is above the bound", async () => {
    const world = await startNetwork(seed, {
      exits: 0,
      others: [
        {
          flags: ["Exit"],
          // Takes its time even to give up.
          exit: { connect: () => new Promise(() => undefined), resolve: () => new Promise(() => undefined) },
        },
      ],
    });
    const { clock, network, random } = world;
    const exit = network.entries.find(({ flags }) => flags.has("Exit"))?.descriptor.identity as RelayId;
    const link = await clock.until(rawLink(network, exit, linkDeps(clock, random)));
    const end = await clock.until(rawCircuit(network, link, exit));
    for (let i = 1; i <= 1025; i++) {
      begin(end, i, "silent.test");
      end.say({ command: "END", streamId: id(i), reason: "misc" });
      if (i % 500 === 0) await clock.settle();
    }
    await clock.settle();
    expect(end.heard.at(-2)).toMatchObject({ command: "END", streamId: 1024, reason: "done" });
    expect(end.heard.at(-1)).toMatchObject({ command: "END", streamId: 1025, reason: "resource-limit" });
    end.say({ command: "RESOLVE", streamId: id(2000), name: "echo.test" });
    await clock.settle();
    expect(end.heard.at(-1)).toMatchObject({ command: "RESOLVED", answers: [{ transient: true }] });
  });

  it("speaks before its circuit is there, or asks with nonsense, gets DESTROY", async () => {
    const { clock, network, random } = await startNetwork(seed);
    const relay = network.entries[0]?.descriptor.identity as RelayId;
    const link = await clock.until(rawLink(network, relay, linkDeps(clock, random)));
    const heard: (DestroyReason | "created")[] = [];
    const handler: CircuitHandler = {
      relay: () => undefined,
      created: () => heard.push("created"),
      destroyed: (reason) => heard.push(reason),
      linkClosed: () => undefined,
    };
    const ask = async (htype: number, hdata: Uint8Array, body?: Uint8Array): Promise<void> => {
      const circuit = link.openCircuit(handler);
      circuit.send("CREATE2", encodeCreate2({ htype, hdata }));
      if (body !== undefined) circuit.send("RELAY", body);
      await clock.settle();
    };
    const { hdata, htype } = await extend2(network, relay);
    await ask(htype, hdata, content(1, 2043));
    await ask(2, hdata);
    // ntor-v3 without ML-KEM, as it once was: there is no way back to it.
    await ask(3, hdata);
    await ask(htype, content(1, 300));
    await ask(htype, new Uint8Array(0));
    expect(heard).toEqual(Array(5).fill("protocol"));
    expect(network.relays.get(relay)?.relay.stats).toMatchObject({ circuits: 0 });
    expect(link.isClosed).toBe(false);
  });

  it("asks for more circuits at once than a relay can think about is refused what is above the bound", async () => {
    const { clock, network, random } = await startNetwork(
      seed,
      {},
      // Room for all of it to arrive together.
      { channels: { bufferBytes: 1_000_000 } },
    );
    const relay = network.entries[0]?.descriptor.identity as RelayId;
    const link = await clock.until(rawLink(network, relay, linkDeps(clock, random)));
    const answers: (DestroyReason | "created")[] = [];
    const { hdata, htype } = await extend2(network, relay);
    const circuits = Array.from({ length: 300 }, () => {
      const circuit = link.openCircuit({
        relay: () => undefined,
        created: () => answers.push("created"),
        destroyed: (reason) => answers.push(reason),
        linkClosed: () => undefined,
      });
      circuit.send("CREATE2", encodeCreate2({ htype, hdata }));
      return circuit;
    });
    await clock.settle();
    expect(answers).toHaveLength(300);
    expect(new Set(answers)).toEqual(new Set(["created", "resource-limit"]));
    const created = answers.filter((answer) => answer === "created").length;
    expect(created).toBeGreaterThanOrEqual(256);
    expect(network.relays.get(relay)?.relay.stats.circuits).toBe(created);
    for (const circuit of circuits) circuit.destroy("none");
    await clock.settle();
    expect(network.relays.get(relay)?.relay.stats.circuits).toBe(0);
  });

  it("floods a next hop that has stalled loses its circuit at the bound; the stalled link's others wait", async () => {
    const stall: { from?: RelayId; to?: RelayId } = {};
    const { clock, network, random } = await startNetwork(
      seed,
      {},
      {
        channels: (from, to) => ({
          latency: () => ([from, to].every((one) => one === stall.from || one === stall.to) ? 1e9 : 0),
        }),
      },
    );
    const [near, far] = network.entries.map(({ descriptor }) => descriptor.identity) as [RelayId, RelayId];
    const link = await clock.until(rawLink(network, near, linkDeps(clock, random)));
    const ends = await clock.until(Promise.all([1, 2].map(() => rawCircuit(network, link, near))));
    const [flooding, bystander] = ends as [RawEnd, RawEnd];
    for (const end of ends) end.say(await extend2(network, far));
    await clock.advance(10);
    expect(ends.map((end) => end.commands())).toEqual([["EXTENDED2"], ["EXTENDED2"]]);
    Object.assign(stall, { from: near, to: far });
    for (let i = 0; i < CELL_QUEUE_BOUND - 10; i++) flooding.forward(content(i, 2026));
    await clock.advance(10);
    expect(flooding.destroyed).toBeUndefined();
    for (let i = 0; i < 50; i++) flooding.forward(content(i, 2026));
    for (let i = 0; i < 10; i++) bystander.forward(content(i, 2026));
    await clock.advance(10);
    expect(flooding.destroyed).toBe("resource-limit");
    expect(bystander.destroyed).toBeUndefined();
  });
});
