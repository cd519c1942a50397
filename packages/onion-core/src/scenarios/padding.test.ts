import { describe, expect, it } from "vitest";
import { linkDeps, rawCircuit, rawLink, startNetwork, writeAll } from "./support.ts";
import { decodeCells, LINK_CIRCUIT } from "../cell/cell.ts";
import type { OnionClient } from "../client/onion-client.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { PaddingMode } from "../padding/silence.ts";
import { MAX_RELAY_CELLS } from "../padding/setup-padding.ts";
import type { Duplex } from "../stream/duplex.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";
import type { VirtualClock } from "../testing/virtual-clock.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const MINUTE = 60_000;

/** Answers one request with a page of some cells. */
const SITES = {
  "page.test": (connection: Duplex) => {
    const serve = async (): Promise<void> => {
      await connection.read();
      await writeAll(connection, new Uint8Array(40_000));
      connection.end();
    };
    serve().catch(() => undefined);
  },
};
const page = { host: "page.test", port: 80 };

/** What a client's guard sees of one circuit. */
interface Seen {
  /** > towards the guard, < towards the client, a letter for each cell. */
  directions: string;
  readonly at: number[];
  last: string;
}

/** A network in which the guard's side of the client's link is watched. */
async function watched(padding: PaddingMode) {
  const seen = new Map<number, Seen>();
  const own: { readonly direction: string; readonly at: number }[] = [];
  const now = { clock: undefined as VirtualClock | undefined };
  const note = (message: Uint8Array, direction: string): Uint8Array => {
    const at = now.clock?.monotonic() ?? 0;
    for (const { circuitId, command } of decodeCells(message)) {
      if (circuitId === LINK_CIRCUIT) {
        if (command === "PADDING") own.push({ direction, at });
        continue;
      }
      const circuit = seen.get(circuitId) ?? { directions: "", at: [], last: "" };
      seen.set(circuitId, circuit);
      circuit.directions += direction === "a to b" ? ">" : "<";
      circuit.at.push(at);
      circuit.last = command;
    }
    return message;
  };
  const world = await startNetwork(
    seed,
    { sites: SITES },
    {
      channels: (from) => ({ latency: () => 10, ...(from === "client" && { tamper: note }) }),
    },
  );
  now.clock = world.clock;
  const client = world.network.client({ padding });
  return { ...world, client, seen, own };
}

type Watched = Awaited<ReturnType<typeof watched>>;

async function drain(stream: Duplex): Promise<void> {
  while ((await stream.read()) !== null);
  stream.end();
}

async function browse({ clock, client }: Watched): Promise<void> {
  const options = { isolation: "a", early: new Uint8Array(1000) };
  await clock.until(drain(await clock.until(client.openStream(page, options))));
}

/** The one circuit that is made for this, with nothing else on it. */
const PURPOSES: Readonly<Record<string, (world: Watched) => Promise<Seen | undefined>>> = {
  browsing: async (world) => {
    await browse(world);
    return [...world.seen.values()][0];
  },
  "looking up a name": async ({ clock, client, seen }) => {
    await clock.until(client.resolve("page.test", { isolation: "a" }));
    await clock.advance(1000);
    return [...seen.values()][0];
  },
  "standing by": async ({ clock, client, seen }) => {
    while (clean(client) < 3) await clock.advance(10);
    await clock.advance(1000);
    return [...seen.values()][2];
  },
  measuring: async (world) => {
    await browse(world);
    const before = world.seen.size;
    await world.clock.advance(40_000);
    expect(world.seen.size).toBeGreaterThan(before);
    return [...world.seen.values()].slice(before).find(({ last }) => last === "DESTROY");
  },
};

function clean({ circuits }: OnionClient): number {
  return circuits.filter(({ isolation, state }) => isolation === undefined && state.name === "open").length;
}

/** The handshakes of three hops; then a request and two cells more; then what comes back. */
const FIRST_CELLS = "><><><>>><<<<<";

describe(withSeed("circuits of different purpose", seed), () => {
  for (const [purpose, make] of Object.entries(PURPOSES))
    it(`look alike to a guard in their first cells: ${purpose}`, async () => {
      const world = await watched("normal");
      const circuit = await make(world);
      expect(circuit?.directions.slice(0, FIRST_CELLS.length)).toBe(FIRST_CELLS);
      // What the client says after the handshakes leaves in one message.
      expect(new Set(circuit?.at.slice(6, 9)).size).toBe(1);
      world.client.close();
    });

  it("would not without padding", async () => {
    const seen: (string | undefined)[] = [];
    for (const make of Object.values(PURPOSES)) {
      const world = await watched("off");
      seen.push((await make(world))?.directions.slice(0, FIRST_CELLS.length));
      world.client.close();
    }
    expect(new Set(seen).size).toBe(4);
  });

  it("cost a bounded number of cells more", async () => {
    const lengths: number[] = [];
    for (const padding of ["normal", "off"] as const) {
      const world = await watched(padding);
      const circuit = await PURPOSES["standing by"]?.(world);
      lengths.push(circuit?.directions.length ?? 0);
      world.client.close();
    }
    const [padded = 0, plain = 0] = lengths;
    expect(plain).toBe(6);
    // The request and two cells; the answer, the machine's cells, and its end.
    expect(padded - plain).toBeLessThanOrEqual(3 + 2 + MAX_RELAY_CELLS);
  });
});

describe(withSeed("a client's link to its guard", seed), () => {
  it("is never silent for long while circuits stand by, from either end", async () => {
    const world = await watched("normal");
    await PURPOSES["standing by"]?.(world);
    const start = world.clock.monotonic();
    await world.clock.advance(10 * MINUTE);
    for (const direction of ["a to b", "b to a"]) {
      const at = world.own.filter((one) => one.direction === direction).map((one) => one.at);
      expect(at.length).toBeGreaterThan(60);
      const silences = [start, ...at].map((from, i) => (at[i] ?? from) - from);
      expect(Math.max(...silences)).toBeLessThan(9500 + 10);
    }
    world.client.close();
    await world.clock.advance(1000);
    const before = world.own.length;
    await world.clock.advance(MINUTE);
    expect(world.own).toHaveLength(before);
  });

  it("is padded less, or not, if the client says so", async () => {
    for (const [padding, least, most] of [
      ["reduced", 40, 67],
      ["off", 0, 0],
    ] as const) {
      const world = await watched(padding);
      await PURPOSES["standing by"]?.(world);
      const before = world.own.length;
      await world.clock.advance(10 * MINUTE);
      const { length } = world.own.slice(before);
      expect(length).toBeGreaterThanOrEqual(least);
      expect(length).toBeLessThanOrEqual(most);
      expect(world.own.slice(before).every(({ direction }) => direction === "a to b")).toBe(true);
      world.client.close();
    }
  });
});

describe(withSeed("a client that abuses padding", seed), () => {
  it("loses its circuit, and no other does", async () => {
    const { clock, network, random } = await startNetwork(seed, { sites: SITES });
    const relay = network.entries[0]?.descriptor.identity as RelayId;
    const link = await clock.until(rawLink(network, relay, linkDeps(clock, random)));
    const open = () => clock.until(rawCircuit(network, link, relay));
    const start = { command: "PADDING_NEGOTIATE", action: "start", machine: 1, counter: 1 } as const;
    const [dropping, asking, flooding, honest] = [await open(), await open(), await open(), await open()];
    dropping.say({ command: "DROP" });
    asking.say(start);
    asking.say(start);
    flooding.say(start);
    for (let i = 0; i < 3; i++) flooding.say({ command: "DROP" });
    honest.say(start);
    for (let i = 0; i < 2; i++) honest.say({ command: "DROP" });
    await clock.advance(1000);
    expect([dropping, asking, flooding].map(({ destroyed }) => destroyed)).toEqual(Array(3).fill("protocol"));
    expect(honest.destroyed).toBeUndefined();
    expect(honest.commands().at(-1)).toBe("PADDING_NEGOTIATED");
    expect(link.isClosed).toBe(false);
  });
});
