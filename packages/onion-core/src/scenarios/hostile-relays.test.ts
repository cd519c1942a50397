import { afterEach, describe, expect, it } from "vitest";
import { nodePrimitives } from "./node-aead.ts";
import { BURST, content, failure, rawRelay, UNDER_WAY, unheardFailures, type RawEnd } from "./support.ts";
import { CELL_QUEUE_BOUND } from "../circuit/bounds.ts";
import { encodeCreated2 } from "../cell/control.ts";
import { MAX_STREAM_DATA, type StreamId } from "../cell/relay-message.ts";
import { ANY_ADDRESS } from "../cell/stream-bodies.ts";
import { ClientCircuit } from "../circuit/client-circuit.ts";
import { TaborError, type ErrorCode } from "../errors.ts";
import { ClientStreams } from "../stream/client-streams.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const unheard = unheardFailures(process);
const echo = { host: "echo.test", port: 80 };

afterEach(() => {
  expect(unheard.splice(0)).toEqual([]);
});

const FULL = content(1, MAX_STREAM_DATA);

const id = (number: number): StreamId => number as StreamId;

/** A client's two circuits through one relay, which is a test's puppet. */
async function scene() {
  const clock = new VirtualClock();
  const random = new SeededRandom(seed);
  const { target, link, peer, ends } = await clock.until(rawRelay(clock, random));
  const circuits: ClientCircuit[] = [];
  for (let i = 0; i < 2; i++) {
    const circuit = new ClientCircuit(link, 1, { primitives: nodePrimitives, clock, random });
    await clock.until(circuit.extend(target));
    circuits.push(circuit);
  }
  const [circuit, bystander] = circuits as [ClientCircuit, ClientCircuit];
  const [end, bystandersEnd] = ends as [RawEnd, RawEnd];
  const streams = streamsOn(circuit);
  return { clock, random, target, link, peer, ends, circuit, bystander, end, bystandersEnd, streams };
}

type Scene = Awaited<ReturnType<typeof scene>>;

function streamsOn(circuit: ClientCircuit): ClientStreams {
  const hop = circuit.hops[0];
  if (hop === undefined) throw new Error("no hop");
  return new ClientStreams(hop.end, () => undefined);
}

/** Opens a stream that the puppet accepts. */
async function connect({ clock, streams, end }: Scene) {
  const pending = streams.open(echo, ANY_ADDRESS);
  await clock.settle();
  end.say({ command: "CONNECTED", streamId: pending.stream.id, connected: undefined });
  await clock.until(pending.connected);
  return pending.stream;
}

function data(end: RawEnd, number: number, cells: number): void {
  for (let i = 0; i < cells; i++) end.say({ command: "DATA", streamId: id(number), data: FULL });
}

interface Misdeed {
  readonly name: string;
  readonly do: (scene: Scene) => Promise<void> | void;
  readonly code?: ErrorCode;
}

const MISDEEDS: readonly Misdeed[] = [
  {
    name: "connects a stream that nobody opened",
    do: ({ end }) => {
      end.say({ command: "CONNECTED", streamId: id(1), connected: undefined });
    },
  },
  {
    name: "connects a stream twice",
    do: async (scene) => {
      const { id: streamId } = await connect(scene);
      scene.end.say({ command: "CONNECTED", streamId, connected: undefined });
    },
  },
  {
    name: "sends DATA before CONNECTED",
    do: async ({ clock, streams, end }) => {
      const { connected } = streams.open(echo, ANY_ADDRESS);
      connected.catch(() => undefined);
      await clock.settle();
      data(end, 1, 1);
    },
  },
  {
    name: "sends DATA on no stream",
    do: ({ end }) => {
      data(end, 1, 1);
    },
  },
  {
    name: "sends DATA after END",
    do: async (scene) => {
      await connect(scene);
      scene.end.say({ command: "END", streamId: id(1), reason: "done" });
      data(scene.end, 1, 1);
    },
  },
  {
    name: "sends END twice",
    do: async (scene) => {
      await connect(scene);
      for (let i = 0; i < 2; i++) scene.end.say({ command: "END", streamId: id(1), reason: "done" });
    },
  },
  {
    name: "goes on sending after XOFF, beyond what can have been under way",
    do: async (scene) => {
      await connect(scene);
      data(scene.end, 1, BURST + UNDER_WAY);
      await scene.clock.settle();
      expect(scene.end.commands()).toContain("XOFF");
      expect(scene.circuit.isClosed).toBe(false);
      data(scene.end, 1, 1);
    },
  },
  {
    name: "goes on sending after the client has cut the stream",
    do: async (scene) => {
      const stream = await connect(scene);
      stream.abort(new TaborError("aborted", "here", "no more"));
      data(scene.end, 1, UNDER_WAY);
      await scene.clock.settle();
      expect(scene.circuit.isClosed).toBe(false);
      data(scene.end, 1, 1);
    },
  },
  {
    name: "fills all streams of a circuit",
    do: async (scene) => {
      // The first stays empty: letting go of it does not bring the sum below the bound. The last is one too many.
      for (let i = 1; i <= 6; i++) {
        await connect(scene);
        data(scene.end, i, i === 1 ? 0 : UNDER_WAY);
        await scene.clock.settle();
      }
    },
    code: "resource-limit",
  },
  {
    name: "acknowledges a circuit's cells that never were",
    do: ({ end }) => {
      end.say({ command: "SENDME", tag: new Uint8Array(16) });
    },
  },
  {
    name: "stops a stream on which it was sent nothing",
    do: async (scene) => {
      await connect(scene);
      scene.end.say({ command: "XOFF", streamId: id(1) });
    },
  },
  {
    name: "names a rate for a stream on which it was sent nothing",
    do: async (scene) => {
      await connect(scene);
      scene.end.say({ command: "XON", streamId: id(1), kbps: 1 });
    },
  },
  {
    name: "acknowledges what it has not received",
    do: async (scene) => {
      const stream = await connect(scene);
      stream.write(content(1, 100 * MAX_STREAM_DATA)).catch(() => undefined);
      scene.end.say({ command: "SENDME", tag: content(1, 16) });
    },
  },
  {
    name: "answers a question that nobody asked",
    do: ({ end }) => {
      end.say({ command: "RESOLVED", streamId: id(1), answers: [{ type: "error", transient: true }] });
    },
  },
  {
    name: "answers a question twice",
    do: async ({ streams, clock, end }) => {
      const answer = streams.resolve("echo.test");
      await clock.settle();
      for (let i = 0; i < 2; i++)
        end.say({ command: "RESOLVED", streamId: id(1), answers: [{ type: "error", transient: true }] });
      await clock.until(answer);
    },
  },
  {
    name: "ends a question in place of an answer",
    do: async ({ streams, clock, end }) => {
      streams.resolve("echo.test").catch(() => undefined);
      await clock.settle();
      end.say({ command: "END", streamId: id(1), reason: "misc" });
    },
  },
  {
    name: "opens a stream to the client",
    do: ({ end }) => {
      end.say({ command: "BEGIN", streamId: id(1), target: echo, preference: ANY_ADDRESS });
    },
  },
  {
    name: "extends a circuit through the client",
    do: ({ end }) => {
      end.say({
        command: "EXTEND2",
        identity: new Uint8Array(32),
        htype: 3,
        hdata: new Uint8Array(100),
      });
    },
  },
  {
    name: "tells the client to truncate",
    do: ({ end }) => {
      end.say({ command: "TRUNCATE" });
    },
  },
  {
    name: "says EXTENDED2 unasked",
    do: ({ end }) => {
      end.say({ command: "EXTENDED2", hdata: new Uint8Array(64) });
    },
  },
  {
    name: "sends a second CREATED2",
    do: ({ end }) => {
      end.circuit?.send("CREATED2", encodeCreated2(new Uint8Array(64)));
    },
  },
  {
    name: "passes on what no hop has sent",
    do: ({ end }) => {
      end.forward(content(1, 2026));
    },
  },
  {
    name: "makes up a cell",
    do: ({ end }) => {
      end.circuit?.send("RELAY", content(1, 2043));
    },
    code: "not-authentic",
  },
  {
    name: "cuts the circuit short unasked",
    do: ({ end }) => {
      end.say({ command: "TRUNCATED", reason: "link-closed" });
    },
    code: "closed",
  },
  {
    name: "destroys the circuit",
    do: ({ end }) => {
      end.circuit?.destroy("finished");
    },
    code: "closed",
  },
];

describe(withSeed("a relay that", seed), () => {
  for (const { name, do: misdeed, code = "protocol" } of MISDEEDS)
    it(`${name} loses that circuit, and no other`, async () => {
      const world = await scene();
      await misdeed(world);
      expect(await world.clock.until(world.circuit.closed)).toMatchObject({ code });
      await world.clock.settle();
      expect(world.end.destroyed).toBe(name === "destroys the circuit" ? undefined : "none");
      const { connected } = streamsOn(world.bystander).open(echo, ANY_ADDRESS);
      await world.clock.settle();
      world.bystandersEnd.say({ command: "CONNECTED", streamId: id(1), connected: undefined });
      await world.clock.until(connected);
      expect(world.link.isClosed).toBe(false);
    });

  it("speaks as a hop to which no streams run loses the circuit", async () => {
    const { clock, bystander, bystandersEnd } = await scene();
    data(bystandersEnd, 1, 1);
    expect(await clock.until(bystander.closed)).toMatchObject({ code: "protocol" });
  });

  const lies: readonly ((hdata: Uint8Array) => Uint8Array)[] = [
    (hdata) => new Uint8Array(hdata.length),
    (hdata) => content(1, hdata.length),
    (hdata) => hdata.with(40, (hdata[40] ?? 0) ^ 1),
    (hdata) => hdata.subarray(0, -1),
    () => new Uint8Array(0),
    () => content(2, 2041),
  ];
  it("answers a handshake with anything but the right answer is not believed", async () => {
    for (const lie of lies) {
      const clock = new VirtualClock();
      const random = new SeededRandom(seed);
      const { target, link } = await clock.until(rawRelay(clock, random, lie));
      const circuit = new ClientCircuit(link, 1, { primitives: nodePrimitives, clock, random });
      expect((await clock.until(failure(circuit.extend(target)))).code).toBe("not-authentic");
      expect(circuit.isClosed).toBe(true);
      expect(link.isClosed).toBe(false);
    }
  });

  it("goes away takes the streams with it, each of which hears of it once", async () => {
    const world = await scene();
    const stream = await connect(world);
    const pending = world.streams.open(echo, ANY_ADDRESS);
    const question = world.streams.resolve("echo.test");
    const outcomes = [stream.read(), stream.write(content(1, 2_000_000)), pending.connected, question].map(
      failure,
    );
    world.peer.close(new TaborError("closed", "link", "gone"));
    const errors = await world.clock.until(Promise.all(outcomes));
    expect(errors.map(({ where }) => where)).toEqual(["link", "link", "link", "link"]);
    expect(() => world.streams.open(echo, ANY_ADDRESS)).toThrow("the link to the guard was lost");
    expect((await failure(world.streams.resolve("echo.test"))).where).toBe("link");
  });

  it("never reads loses the circuit when a client's cells pile up", async () => {
    const clock = new VirtualClock();
    const random = new SeededRandom(seed);
    const { target, link, ends } = await clock.until(rawRelay(clock, random));
    const circuit = new ClientCircuit(link, 1, { primitives: nodePrimitives, clock, random });
    await clock.until(circuit.extend(target));
    // All in one turn: the link cannot have sent any of it.
    for (let i = 0; i < CELL_QUEUE_BOUND + 20; i++) circuit.hops[0]?.end.send({ command: "DROP" });
    expect(await clock.until(circuit.closed)).toMatchObject({ code: "resource-limit" });
    await clock.settle();
    expect(ends[0]?.destroyed).toBe("none");
  });
});
