import { describe, expect, it } from "vitest";
import { Link, type LinkOwner } from "./link.ts";
import type { CircuitHandler } from "./link-circuit.ts";
import { decodeCells, LINK_CIRCUIT, type Cell } from "../cell/cell.ts";
import { encodeLinkPadding, type LinkPaddingRequest } from "../cell/padding-bodies.ts";
import { relayId } from "../crypto/ids.ts";
import type { LinkPeer } from "../handshake/link-handshake.ts";
import type { DataChannel } from "../ports/data-channel.ts";
import { silentLog } from "../ports/log.ts";
import { content } from "../scenarios/support.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const MINUTE = 60_000;
const RELAY: LinkPeer = { role: "relay", id: relayId(content(1, 32)) };
const CLIENT: LinkPeer = { role: "client" };
const CARRIES: LinkOwner = { acceptCircuit: () => "internal" };

const quiet: CircuitHandler = {
  relay: () => undefined,
  created: () => undefined,
  destroyed: () => undefined,
  linkClosed: () => undefined,
};

function scene(peer: LinkPeer, owner: LinkOwner) {
  const clock = new VirtualClock();
  const sent: Cell[] = [];
  const room = { for: Infinity };
  const channel: DataChannel = {
    fingerprints: { local: new Uint8Array(32), remote: new Uint8Array(32) },
    send: (message) => {
      if (room.for <= 0) throw new Error("sent although the channel is full");
      sent.push(...decodeCells(message.slice()));
      room.for -= 1;
      return room.for > 0;
    },
    receive: () => undefined,
    close: () => undefined,
  };
  const deps = { clock, random: new SeededRandom(seed), log: silentLog };
  const link = new Link({ channel, peer, initiator: true, owner, deps });
  const receive = (command: Cell["command"], body: Uint8Array = new Uint8Array(2043)): void => {
    link.receive({ circuitId: LINK_CIRCUIT, command, body });
  };
  const ask = (request: LinkPaddingRequest): void => {
    const body = new Uint8Array(2043);
    body.set(encodeLinkPadding(request));
    receive("PADDING_NEGOTIATE", body);
  };
  return { clock, link, sent, room, receive, ask, padding: () => sent.filter(isPadding).length };
}

function isPadding({ command }: Cell): boolean {
  return command === "PADDING";
}

describe(withSeed("a link between a client and its guard", seed), () => {
  for (const [who, peer, owner] of [
    ["client", RELAY, { acceptCircuit: undefined }],
    ["guard", CLIENT, CARRIES],
  ] as const)
    it(`is padded by the ${who} while it carries circuits`, async () => {
      const { clock, link, padding } = scene(peer, owner);
      await clock.advance(MINUTE);
      expect(padding()).toBe(0);
      const circuit = link.openCircuit(quiet);
      await clock.advance(5 * MINUTE);
      expect(padding()).toBeGreaterThan(300 / 9.5 - 1);
      expect(padding()).toBeLessThan(300 / 1.5);
      circuit.destroy("none");
      await clock.settle();
      const before = padding();
      await clock.advance(MINUTE);
      expect(padding()).toBe(before);
    });

  it("is not padded while cells go over it, nor past a full channel", async () => {
    const { clock, link, padding, room } = scene(CLIENT, CARRIES);
    const circuit = link.openCircuit(quiet);
    for (let i = 0; i < 200; i++) {
      circuit.send("RELAY", content(i, 2043));
      await clock.advance(1000);
    }
    expect(padding()).toBe(0);
    room.for = 1;
    circuit.send("RELAY", content(1, 2043));
    await clock.advance(MINUTE);
    expect(padding()).toBe(0);
  });

  it("does not count padding among the cells of circuits", async () => {
    const { clock, link, padding, receive } = scene(CLIENT, CARRIES);
    link.openCircuit(quiet);
    receive("PADDING");
    await clock.advance(MINUTE);
    expect(padding()).toBeGreaterThan(0);
    expect(link.cellCounts).toEqual({ in: 0, out: 0 });
  });

  it("is padded no more once the client has said so", async () => {
    const { clock, link, padding, ask } = scene(CLIENT, CARRIES);
    link.openCircuit(quiet);
    ask({ command: "stop" });
    await clock.advance(5 * MINUTE);
    expect(padding()).toBe(0);
    ask({ command: "start", low: 0, high: 0 });
    await clock.advance(5 * MINUTE);
    expect(padding()).toBeGreaterThan(30);
  });

  it("begins with what a thrifty client asks, and then carries its own rare padding", async () => {
    for (const [mode, least, most] of [
      ["off", 0, 0],
      ["reduced", 20, 34],
    ] as const) {
      const { clock, link, sent, padding } = scene(RELAY, { acceptCircuit: undefined, padding: mode });
      link.openCircuit(quiet);
      await clock.advance(5 * MINUTE);
      expect(sent[0]?.command).toBe("PADDING_NEGOTIATE");
      expect(sent[0]?.body.subarray(0, 6)).toEqual(encodeLinkPadding({ command: "stop" }));
      expect(padding()).toBeGreaterThanOrEqual(least);
      expect(padding()).toBeLessThanOrEqual(most);
    }
  });

  const misdeeds: readonly [string, LinkPeer, LinkOwner, (s: ReturnType<typeof scene>) => void][] = [
    [
      "a flood of PADDING",
      CLIENT,
      CARRIES,
      ({ receive }) => {
        for (let i = 0; i < 31; i++) receive("PADDING");
      },
    ],
    [
      "a flood of PADDING from a relay",
      RELAY,
      { acceptCircuit: undefined },
      ({ receive }) => {
        for (let i = 0; i < 31; i++) receive("PADDING");
      },
    ],
    [
      "PADDING_NEGOTIATE from a relay",
      RELAY,
      CARRIES,
      ({ ask }) => {
        ask({ command: "stop" });
      },
    ],
    [
      "PADDING_NEGOTIATE to a client",
      RELAY,
      { acceptCircuit: undefined },
      ({ ask }) => {
        ask({ command: "start", low: 0, high: 0 });
      },
    ],
    [
      "a malformed PADDING_NEGOTIATE",
      CLIENT,
      CARRIES,
      ({ receive }) => {
        receive("PADDING_NEGOTIATE", content(1, 2043));
      },
    ],
  ];
  for (const [name, peer, owner, misdeed] of misdeeds)
    it(`is closed by ${name}, and leaves no timer`, async () => {
      const world = scene(peer, owner);
      misdeed(world);
      expect(world.link.isClosed).toBe(true);
      expect(["protocol", "malformed"]).toContain((await world.link.closed).code);
      expect(world.clock.waiting).toBe(0);
    });
});
