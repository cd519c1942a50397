import { afterEach, describe, expect, it } from "vitest";
import { Link, type LinkOwner } from "./link.ts";
import type { CircuitHandler, LinkCircuit } from "./link-circuit.ts";
import { decodeCells, type Cell } from "../cell/cell.ts";
import {
  decodeDestroy,
  encodeCreate2,
  encodeCreated2,
  encodeDestroy,
  type DestroyReason,
} from "../cell/control.ts";
import { TaborError } from "../errors.ts";
import { silentLog } from "../ports/log.ts";
import type { DataChannel, DataChannelReceiver } from "../ports/data-channel.ts";
import { content, unheardFailures } from "../scenarios/support.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const unheard = unheardFailures(process);

afterEach(() => {
  expect(unheard.splice(0)).toEqual([]);
});

/** A channel that takes as many messages as it is told to. */
class Channel implements DataChannel {
  readonly fingerprints = { local: new Uint8Array(32), remote: new Uint8Array(32) };
  readonly sent: Cell[][] = [];
  room = Infinity;
  isClosed = false;

  send(message: Uint8Array): boolean {
    if (this.room <= 0) throw new Error("sent although the channel is full");
    this.sent.push(decodeCells(message));
    this.room -= 1;
    return this.room > 0;
  }

  receive(_receiver: DataChannelReceiver): void {
    throw new Error("the link does not receive by itself");
  }

  close(): void {
    this.isClosed = true;
  }

  get cells(): Cell[] {
    return this.sent.flat();
  }
}

/** What a circuit was told. */
class Circuit implements CircuitHandler {
  readonly told: string[] = [];
  onCell: () => void = () => undefined;

  relay(): void {
    this.told.push("relay");
    this.onCell();
  }
  created(): void {
    this.told.push("created");
  }
  destroyed(reason: DestroyReason): void {
    this.told.push(`destroyed: ${reason}`);
  }
  linkClosed(): void {
    this.told.push("link closed");
  }
}

const OURS = 0x8000_0001;
const THEIRS = 0x0000_0001;

function scene(init: { carries?: boolean; accept?: LinkOwner["acceptCircuit"] } = {}) {
  const clock = new VirtualClock();
  const channel = new Channel();
  const accepted: { circuit: LinkCircuit; handler: Circuit }[] = [];
  const accept =
    init.accept ??
    ((circuit: LinkCircuit) => {
      const handler = new Circuit();
      accepted.push({ circuit, handler });
      return handler;
    });
  const link = new Link({
    channel,
    peer: { role: "client" },
    initiator: true,
    owner: { acceptCircuit: init.carries === false ? undefined : accept },
    deps: { clock, random: new SeededRandom(seed), log: silentLog },
  });
  const receive = (
    command: Cell["command"],
    circuitId: number,
    body: Uint8Array = new Uint8Array(2043),
  ): void => {
    link.receive({ circuitId: circuitId as Cell["circuitId"], command, body });
  };
  const create = (circuitId: number): void => {
    receive("CREATE2", circuitId, padded(encodeCreate2({ htype: 3, hdata: content(1, 100) })));
  };
  return { clock, channel, link, accepted, receive, create };
}

function padded(bytes: Uint8Array): Uint8Array {
  const body = new Uint8Array(2043);
  body.set(bytes);
  return body;
}

describe(withSeed("a link", seed), () => {
  it("names its circuits in its own half, no two alike", async () => {
    const { link, channel, clock, receive } = scene();
    for (let i = 0; i < 500; i++) link.openCircuit(new Circuit()).send("RELAY", new Uint8Array(2043));
    await clock.settle();
    for (let read = 32; read < 500; read += 32) receive("LINK_SENDME", 0);
    const ids = channel.cells.map(({ circuitId }) => circuitId);
    expect(new Set(ids).size).toBe(500);
    expect(ids.every((id) => id >= 0x8000_0000)).toBe(true);
  });

  it("puts what is ready together, eight cells to a message, a cell of each circuit in turn", async () => {
    const { link, channel, clock } = scene();
    const circuits = [1, 2, 3].map(() => link.openCircuit(new Circuit()));
    for (const circuit of circuits) for (let i = 0; i < 4; i++) circuit.send("RELAY", content(i, 2043));
    await clock.settle();
    expect(channel.sent.map(({ length }) => length)).toEqual([8, 4]);
    const order = channel.cells.map(({ circuitId }) => circuitId);
    for (let turn = 0; turn < 12; turn += 3) expect(new Set(order.slice(turn, turn + 3)).size).toBe(3);
  });

  it("never writes past the channel's buffer, and goes on when it has drained", async () => {
    const { link, channel, clock } = scene();
    const circuit = link.openCircuit(new Circuit());
    channel.room = 2;
    for (let i = 0; i < 30; i++) circuit.send("RELAY", content(i, 2043));
    await clock.settle();
    expect(channel.cells).toHaveLength(16);
    expect(circuit.queued()).toBe(14);
    channel.room = 2;
    link.drained();
    expect(channel.cells).toHaveLength(30);
    expect(circuit.queued()).toBe(0);
  });

  it("fills up a short RELAY body with random bytes, and other bodies with zeros", async () => {
    const { link, channel, clock } = scene();
    const circuit = link.openCircuit(new Circuit());
    circuit.send("CREATE2", encodeCreate2({ htype: 3, hdata: new Uint8Array(0) }));
    circuit.send("RELAY", new Uint8Array(100));
    await clock.settle();
    const [create, relay] = channel.cells;
    expect(create?.body.every((byte, i) => byte === (i === 1 ? 3 : 0))).toBe(true);
    expect(relay?.body.subarray(100).filter((byte) => byte === 0).length).toBeLessThan(40);
  });

  const closing: readonly [string, (s: ReturnType<typeof scene>) => void][] = [
    [
      "VERSIONS after the handshake",
      ({ receive }) => {
        receive("VERSIONS", 0);
      },
    ],
    [
      "AUTHENTICATE after the handshake",
      ({ receive }) => {
        receive("AUTHENTICATE", 0);
      },
    ],
    [
      "CREATE2 with an id of our half",
      ({ create }) => {
        create(OURS);
      },
    ],
    [
      "a malformed CREATE2",
      ({ receive }) => {
        receive("CREATE2", THEIRS, content(1, 2043));
      },
    ],
    [
      "a malformed DESTROY",
      ({ receive, create }) => {
        create(THEIRS);
        receive("DESTROY", THEIRS, content(1, 2043));
      },
    ],
    [
      "a malformed CREATED2",
      ({ receive, create }) => {
        create(THEIRS);
        receive("CREATED2", THEIRS, content(1, 2043));
      },
    ],
  ];
  for (const [name, misdeed] of closing)
    it(`is closed by ${name}`, async () => {
      const world = scene();
      const bystander = new Circuit();
      const circuit = world.link.openCircuit(bystander);
      misdeed(world);
      expect(world.link.isClosed).toBe(true);
      expect(world.channel.isClosed).toBe(true);
      expect(["protocol", "malformed"]).toContain((await world.link.closed).code);
      expect(bystander.told).toEqual(["link closed"]);
      circuit.send("RELAY", new Uint8Array(2043));
      circuit.destroy("none");
      world.create(THEIRS + 1);
      await world.clock.settle();
      expect(world.channel.cells).toEqual([]);
      expect(() => world.link.openCircuit(new Circuit())).toThrow("the link has closed");
    });

  it("of a client is closed by CREATE2", () => {
    const { link, create } = scene({ carries: false });
    create(THEIRS);
    expect(link.isClosed).toBe(true);
  });

  it("is not closed by PADDING, nor by cells of circuits that it does not know", () => {
    const { link, receive } = scene();
    receive("PADDING", 0, content(1, 2043));
    for (const command of ["RELAY", "CREATED2", "DESTROY"] as const)
      for (const id of [OURS, THEIRS]) receive(command, id, content(1, 2043));
    expect(link.isClosed).toBe(false);
  });

  it("answers CREATE2 of an id in use with DESTROY, which ends that circuit for both", async () => {
    const { link, accepted, create, channel, clock } = scene();
    create(THEIRS);
    create(THEIRS + 1);
    create(THEIRS);
    await clock.settle();
    expect(accepted.map(({ handler }) => handler.told)).toEqual([["destroyed: protocol"], []]);
    expect(channel.cells).toMatchObject([{ circuitId: THEIRS, command: "DESTROY" }]);
    expect(link.circuitCount).toBe(1);
  });

  it("answers a refused CREATE2 with DESTROY and its reason, and keeps nothing of it", async () => {
    const { link, create, channel, clock } = scene({ accept: () => "resource-limit" });
    create(THEIRS);
    await clock.settle();
    expect(channel.cells.map(({ command, body }) => [command, decodeDestroy(body)])).toEqual([
      ["DESTROY", "resource-limit"],
    ]);
    expect(link.circuitCount).toBe(0);
  });

  it("is closed by what a circuit throws at a cell; another circuit's end on another link is not its business", () => {
    const { link, accepted, receive, create } = scene();
    create(THEIRS);
    const { handler } = accepted[0] as (typeof accepted)[0];
    handler.onCell = () => {
      throw new Error("fault");
    };
    receive("RELAY", THEIRS, content(1, 2043));
    expect(link.isClosed).toBe(true);
    expect(handler.told).toEqual(["relay", "link closed"]);
  });

  it("sends DESTROY in place of what still waits, and forgets the circuit", async () => {
    const { link, channel, clock, receive } = scene();
    const handler = new Circuit();
    const circuit = link.openCircuit(handler);
    for (let i = 0; i < 5; i++) circuit.send("RELAY", content(i, 2043));
    circuit.destroy("requested");
    circuit.send("RELAY", content(1, 2043));
    circuit.destroy("requested");
    await clock.settle();
    expect(channel.cells.map(({ command }) => command)).toEqual(["DESTROY"]);
    receive("RELAY", channel.cells[0]?.circuitId ?? 0, content(1, 2043));
    receive("DESTROY", channel.cells[0]?.circuitId ?? 0, padded(encodeDestroy("none")));
    receive("CREATED2", channel.cells[0]?.circuitId ?? 0, padded(encodeCreated2(new Uint8Array(1))));
    expect(handler.told).toEqual([]);
  });

  it("that is to close when it is unused does so after its last circuit, and after that one's DESTROY", async () => {
    const { link, channel, clock, create, receive } = scene();
    const circuit = link.openCircuit(new Circuit());
    create(THEIRS);
    link.closeWhenUnused(new TaborError("closed", "here", "another link serves"));
    receive("DESTROY", THEIRS, padded(encodeDestroy("requested")));
    await clock.settle();
    expect(link.isClosed).toBe(false);
    circuit.destroy("requested");
    expect(link.isClosed).toBe(false);
    await clock.settle();
    expect(link.isClosed).toBe(true);
    expect(channel.cells.map(({ command }) => command)).toEqual(["DESTROY"]);
  });

  it("that is unused already closes at once when it is to, and one that is used again does not", async () => {
    const reason = new TaborError("closed", "here", "another link serves");
    const { link } = scene();
    link.closeWhenUnused(reason);
    expect(link.isClosed).toBe(true);
    const used = scene();
    const circuit = used.link.openCircuit(new Circuit());
    used.link.closeWhenUnused(reason);
    circuit.destroy("requested");
    used.link.openCircuit(new Circuit());
    await used.clock.settle();
    expect(used.link.isClosed).toBe(false);
  });

  it("refuses circuits above 16384, on either side's asking", async () => {
    const { link, create, channel, clock, accepted } = scene();
    for (let i = 0; i < 16_383; i++) link.openCircuit(new Circuit());
    create(THEIRS);
    expect(accepted).toHaveLength(1);
    expect(link.takesCircuits).toBe(false);
    expect(() => link.openCircuit(new Circuit())).toThrow("too many circuits");
    create(THEIRS + 1);
    await clock.settle();
    expect(accepted).toHaveLength(1);
    expect(channel.cells.map(({ body }) => decodeDestroy(body))).toEqual(["resource-limit"]);
  });

  it("whose peer never reads gives up the circuit with most cells when all of them hold too much", () => {
    const { link, channel } = scene();
    channel.room = 1;
    const handlers = Array.from({ length: 70 }, () => new Circuit());
    const circuits = handlers.map((handler) => link.openCircuit(handler));
    const body = new Uint8Array(2043);
    circuits.forEach((circuit, i) => {
      for (let n = 0; n < (i === 3 ? 1100 : 900); n++) circuit.send("RELAY", body);
    });
    expect(handlers.map(({ told }) => told).filter(({ length }) => length > 0)).toEqual([]);
    for (const circuit of circuits) for (let n = 0; n < 40; n++) circuit.send("RELAY", body);
    expect(handlers[3]?.told).toEqual(["destroyed: resource-limit"]);
    expect(link.isClosed).toBe(false);
    expect(circuits.reduce((sum, circuit) => sum + circuit.queued(), 0)).toBeLessThanOrEqual(65_536);
  });

  it("whose peer reads nothing, and makes us destroy circuit after circuit, is closed in the end", async () => {
    const { link, channel, create, clock } = scene({ accept: () => "protocol" });
    channel.room = 1;
    for (let i = 1; i < 20_000 && !link.isClosed; i++) {
      create(i);
      if (i === 1) await clock.settle();
    }
    expect(link.isClosed).toBe(true);
    expect((await link.closed).code).toBe("resource-limit");
  });

  it("counts cells of circuits in both directions", async () => {
    const { link, clock, create, receive } = scene();
    create(THEIRS);
    receive("RELAY", THEIRS, content(1, 2043));
    link.openCircuit(new Circuit()).send("RELAY", new Uint8Array(2043));
    await clock.settle();
    expect(link.cellCounts).toEqual({ in: 1, out: 1 });
  });
});
