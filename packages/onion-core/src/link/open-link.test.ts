import { afterEach, describe, expect, it } from "vitest";
import { openLink } from "./open-link.ts";
import type { Link, LinkDeps } from "./link.ts";
import { encodeCells, LINK_CIRCUIT, type Cell, type CircuitId } from "../cell/cell.ts";
import { encodeCreate2 } from "../cell/control.ts";
import { generateSigningKey, type SigningKey } from "../crypto/ed25519.ts";
import { TaborError, type ErrorCode } from "../errors.ts";
import { OPEN_GATE } from "../handshake/link-gate.ts";
import { startLinkHandshake } from "../handshake/link-handshake.ts";
import type { DataChannel } from "../ports/data-channel.ts";
import { silentLog } from "../ports/log.ts";
import { content, failure, unheardFailures } from "../scenarios/support.ts";
import { memoryDataChannel, type MemoryChannel } from "../testing/memory-data-channel.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const unheard = unheardFailures(process);

afterEach(() => {
  expect(unheard.splice(0)).toEqual([]);
});

interface Scene {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly channel: MemoryChannel;
  readonly identity: SigningKey;
  /** What the relay at end b makes of it. */
  readonly opening: Promise<Link>;
  /** CREATE2s that the relay was given. */
  readonly created: number[];
  readonly deps: LinkDeps;
}

async function scene(): Promise<Scene> {
  const clock = new VirtualClock();
  const random = new SeededRandom(seed);
  const deps = { clock, random, log: silentLog };
  const channel = memoryDataChannel({ clock, bufferBytes: 10_000_000 });
  const { key: identity } = await generateSigningKey();
  const created: number[] = [];
  const acceptCircuit = () => {
    created.push(1);
    return "internal" as const;
  };
  const opening = openLink(
    { channel: channel.b, initiator: false, identity, expected: undefined, owner: { acceptCircuit } },
    deps,
  );
  opening.catch(() => undefined);
  return { clock, random, channel, identity, opening, created, deps };
}

function send(channel: DataChannel, cells: readonly Cell[]): void {
  channel.send(encodeCells(cells, new SeededRandom(1)));
}

function create2(id: number): Cell {
  const body = encodeCreate2({ htype: 3, hdata: new Uint8Array(10) });
  return { circuitId: id as CircuitId, command: "CREATE2", body };
}

const CREATE = create2(0x8000_0001);

/** VERSIONS as a client sends them. */
function hello(channel: DataChannel) {
  const { fingerprints } = channel;
  const { send: cells } = startLinkHandshake({
    identity: undefined,
    fingerprints,
    nonce: content(1, 32),
    expected: undefined,
    token: undefined,
    gate: OPEN_GATE,
  });
  return { cells: cells.map((cell): Cell => ({ circuitId: LINK_CIRCUIT, ...cell })) };
}

describe(withSeed("opening a link", seed), () => {
  it("gives both sides a link that knows its peer", async () => {
    const { clock, channel, identity, opening, deps } = await scene();
    const dialling = openLink(
      {
        channel: channel.a,
        initiator: true,
        identity: undefined,
        expected: identity.id,
        owner: { acceptCircuit: undefined },
      },
      deps,
    );
    const [client, relay] = await clock.until(Promise.all([dialling, opening]));
    expect(client.peer).toEqual({ role: "relay", id: identity.id });
    expect(relay.peer).toEqual({ role: "client" });
    client.close(new TaborError("closed", "here", "done"));
    expect((await clock.until(relay.closed)).code).toBe("closed");
    expect(clock.waiting).toBe(0);
  });

  const bad: readonly [string, ErrorCode, (scene: Scene) => void][] = [
    ["silence", "timeout", () => undefined],
    ["a message of no bytes' worth of cells", "malformed", ({ channel }) => channel.a.send(content(1, 1))],
    ["a message of 2047 bytes", "malformed", ({ channel }) => channel.a.send(content(1, 2047))],
    ["a message of 2049 bytes", "malformed", ({ channel }) => channel.a.send(content(1, 2049))],
    ["an unknown command", "malformed", ({ channel }) => channel.a.send(new Uint8Array(2048).fill(99, 4, 5))],
    [
      "PADDING",
      "protocol",
      ({ channel }) => {
        send(channel.a, [{ circuitId: LINK_CIRCUIT, command: "PADDING", body: new Uint8Array(0) }]);
      },
    ],
    [
      "a circuit before the handshake",
      "protocol",
      ({ channel }) => {
        send(channel.a, [CREATE]);
      },
    ],
    [
      "VERSIONS with bytes left over",
      "malformed",
      ({ channel }) => {
        send(channel.a, [{ circuitId: LINK_CIRCUIT, command: "VERSIONS", body: content(1, 2043) }]);
      },
    ],
    [
      "no common version",
      "protocol",
      ({ channel }) => {
        const body = Uint8Array.of(1, 0, 9, 0, ...content(1, 32));
        send(channel.a, [{ circuitId: LINK_CIRCUIT, command: "VERSIONS", body }]);
      },
    ],
    [
      "a relay's VERSIONS and then silence",
      "timeout",
      ({ channel }) => {
        const body = Uint8Array.of(1, 0, 1, 1, ...content(1, 32));
        send(channel.a, [{ circuitId: LINK_CIRCUIT, command: "VERSIONS", body }]);
      },
    ],
    [
      "a relay's VERSIONS and a forged AUTHENTICATE",
      "not-authentic",
      ({ channel }) => {
        const body = Uint8Array.of(1, 0, 1, 1, ...content(1, 32));
        send(channel.a, [
          { circuitId: LINK_CIRCUIT, command: "VERSIONS", body },
          { circuitId: LINK_CIRCUIT, command: "AUTHENTICATE", body: content(1, 96) },
        ]);
      },
    ],
    [
      "65 cells at once",
      "protocol",
      ({ channel }) => {
        const { cells } = hello(channel.a);
        send(channel.a, [...cells, ...Array.from({ length: 7 }, () => CREATE)]);
        for (let i = 0; i < 8; i++)
          send(
            channel.a,
            Array.from({ length: 8 }, () => CREATE),
          );
      },
    ],
    [
      "a close",
      "closed",
      ({ channel }) => {
        channel.a.close();
      },
    ],
    [
      "a break",
      "closed",
      ({ channel }) => {
        channel.cut("radio");
      },
    ],
  ];
  for (const [name, code, misdeed] of bad)
    it(`fails on ${name}, and closes the channel`, async () => {
      const world = await scene();
      const { clock, channel, opening } = world;
      let closed = false;
      channel.a.receive({
        message: () => undefined,
        drained: () => undefined,
        closed: () => (closed = true),
      });
      const started = clock.monotonic();
      misdeed(world);
      expect((await clock.until(failure(opening))).code).toBe(code);
      if (code === "timeout") expect(clock.monotonic() - started).toBe(10_000);
      await clock.settle();
      expect(closed).toBe(true);
      expect(clock.waiting).toBe(0);
      expect(world.created).toEqual([]);
    });

  it("keeps up to 64 cells that come while a signature is made or checked, in order", async () => {
    const { clock, channel, opening, created } = await scene();
    const { cells } = hello(channel.a);
    send(channel.a, [...cells, ...Array.from({ length: 7 }, (_, i) => create2(0x8000_0001 + i))]);
    for (let i = 1; i < 8; i++)
      send(
        channel.a,
        Array.from({ length: 8 }, (_, j) => create2(0x8000_0100 + 8 * i + j)),
      );
    const link = await clock.until(opening);
    await clock.settle();
    expect(created).toHaveLength(63);
    expect(link.isClosed).toBe(false);
  });

  for (const [name, message] of [
    ["2047 bytes", content(1, 2047)],
    ["2049 bytes", content(1, 2049)],
    ["1 byte", content(1, 1)],
    ["a second VERSIONS", undefined],
    ["a circuit id that must be zero", new Uint8Array(2048).fill(1, 0, 1)],
    ["a circuit id that must not be zero", new Uint8Array(2048).fill(3, 4, 5)],
  ] as const)
    it(`closes an open link after ${name}`, async () => {
      const { clock, channel, opening } = await scene();
      const { cells } = hello(channel.a);
      send(channel.a, cells);
      const link = await clock.until(opening);
      if (message === undefined) send(channel.a, cells);
      else channel.a.send(message);
      expect(["malformed", "protocol"]).toContain((await clock.until(link.closed)).code);
    });

  it("closes after messages that no channel of ours would pass: none, and nine cells", async () => {
    for (const length of [0, 18_432]) {
      const received: { message: (bytes: Uint8Array) => void } = { message: () => undefined };
      const clock = new VirtualClock();
      const channel: DataChannel = {
        fingerprints: { local: new Uint8Array(32), remote: new Uint8Array(32) },
        send: () => true,
        receive: (receiver) => Object.assign(received, { message: receiver.message.bind(receiver) }),
        close: () => undefined,
      };
      const init = { channel, initiator: true, identity: undefined, expected: undefined };
      const opening = failure(
        openLink(
          { ...init, owner: { acceptCircuit: undefined } },
          { clock, random: new SeededRandom(1), log: silentLog },
        ),
      );
      received.message(new Uint8Array(length));
      expect((await opening).code).toBe("malformed");
    }
  });

  it("refuses the right relay at the wrong end: between two channels, with other fingerprints", async () => {
    const { clock, channel, deps } = await scene();
    const fingerprints = { a: content(5, 32), b: content(6, 32) };
    const other = memoryDataChannel({ clock, fingerprints });
    // A broker in the middle passes on every message, but cannot give both the same certificates.
    const pass = (from: DataChannel, to: DataChannel): void => {
      from.receive({
        message: (bytes) => void to.send(bytes.slice()),
        drained: () => undefined,
        closed: () => {
          to.close();
        },
      });
    };
    pass(other.b, channel.a);
    pass(channel.a, other.b);
    const owner = { acceptCircuit: undefined };
    const init = { channel: other.a, initiator: true, identity: undefined, expected: undefined, owner };
    expect((await clock.until(failure(openLink(init, deps)))).code).toBe("not-authentic");
  });
});
