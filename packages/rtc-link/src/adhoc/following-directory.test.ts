import { type Consensus, relayId, TaborError } from "@tabor/onion-core";
import { TEST_NOW, testEntry, VirtualClock } from "@tabor/onion-core/testing";
import { type IncomingSignal, parseHostAddress, relayAddress } from "@tabor/signal-protocol";
import { expect, test, vi } from "vitest";
import { Listeners } from "../signalling/listeners.ts";
import type { DirectoryState } from "../signalling/standing-session.ts";
import type { ServingHost } from "./election.ts";
import { type FollowedServer, FollowingDirectory } from "./following-directory.ts";

const id = (n: number) => relayId(new Uint8Array(32).fill(n));
const [first, second] = [1, 2].map((n) => ({
  address: parseHostAddress(`127.0.0.1:${String(n)}`),
  authority: id(n),
})) as [ServingHost, ServingHost];
const joined: DirectoryState = { phase: "joined", address: relayAddress(id(9)), problem: undefined };
const lostState: DirectoryState = {
  phase: "lost",
  reason: new TaborError("closed", "directory", "gone"),
  retryIn: 1,
};

class ServerDouble implements FollowedServer {
  readonly states = new Listeners<DirectoryState>();
  readonly consensuses = new Listeners<Consensus>();
  readonly signals = new Listeners<IncomingSignal>();
  readonly sent: Uint8Array[] = [];
  state: DirectoryState = { phase: "connecting" };
  isClosed = false;
  onState = (listener: (state: DirectoryState) => void) => this.states.add(listener);
  subscribe = (listener: (consensus: Consensus) => void) => this.consensuses.add(listener);
  onSignal = (listener: (signal: IncomingSignal) => void) => this.signals.add(listener);
  signal = (_to: unknown, blob: Uint8Array) => {
    this.sent.push(blob);
    return Promise.resolve();
  };
  publish = vi.fn(() => Promise.resolve());
  retry = vi.fn();
  hurry = vi.fn();
  close = () => {
    this.isClosed = true;
  };
}

function follow(follows: { lost: boolean } = { lost: true }) {
  const clock = new VirtualClock(TEST_NOW);
  const servers: ServerDouble[] = [];
  const losses: boolean[] = [];
  const directory = new FollowingDirectory({
    open: () => {
      const server = new ServerDouble();
      servers.push(server);
      return server;
    },
    lost: follows.lost ? (wasJoined) => losses.push(wasJoined) : undefined,
    clock,
  });
  const seen: number[] = [];
  directory.subscribe(({ relays }) => seen.push(relays.length));
  return { clock, servers, losses, directory, seen };
}

/** A consensus with so many relays, as far as anybody here looks at it. */
function listing(count: number, validUntil = TEST_NOW + 600_000): Consensus {
  const relays = Array.from({ length: count }, (_, i) => testEntry(i));
  return { relays, validUntil } as unknown as Consensus;
}

test("what is built on it goes on with another server", async () => {
  const { directory, servers, losses } = follow();
  const signals: Uint8Array[] = [];
  directory.onSignal(({ blob }) => signals.push(blob));
  directory.follow(first);
  servers[0]?.states.tell(joined);
  servers[0]?.states.tell(lostState);
  expect(losses).toEqual([true]);
  expect(servers[0]?.isClosed).toBe(true);
  await expect(directory.signal(relayAddress(id(1)), Uint8Array.of(1))).rejects.toMatchObject({
    code: "closed",
  });
  directory.follow(second);
  const blob = Uint8Array.of(2);
  servers[1]?.signals.tell({ from: relayAddress(id(1)), blob });
  expect(signals).toEqual([blob]);
  await directory.signal(relayAddress(id(1)), blob);
  expect(servers[1]?.sent).toEqual([blob]);
});

test("what it is asked for goes to the server that is followed, as long as there is one", async () => {
  const { directory, servers } = follow();
  directory.retry();
  directory.hurry();
  await expect(directory.publish()).rejects.toMatchObject({ code: "closed" });
  directory.follow(first);
  directory.retry();
  directory.hurry();
  await directory.publish();
  for (const ask of ["retry", "hurry", "publish"] as const) expect(servers[0]?.[ask]).toHaveBeenCalledOnce();
});

test("a server that could not be joined is told from one that was lost", () => {
  const { directory, servers, losses } = follow();
  directory.follow(first);
  servers[0]?.states.tell(lostState);
  expect(losses).toEqual([false]);
});

test("without an elector of its own it keeps trying, until another server is followed", () => {
  const { directory, servers } = follow({ lost: false });
  directory.follow(first);
  servers[0]?.states.tell(lostState);
  expect(servers[0]?.isClosed).toBe(false);
  directory.follow(second);
  expect(servers[0]?.isClosed).toBe(true);
});

test("a new server's consensuses are held back while the others are on their way to it", async () => {
  const { directory, servers, seen, clock } = follow();
  directory.follow(first);
  servers[0]?.consensuses.tell(listing(6));
  directory.follow(second);
  for (const count of [1, 2, 4]) servers[1]?.consensuses.tell(listing(count));
  expect(seen).toEqual([6]);
  expect(directory.current?.relays.length).toBe(6);
  servers[1]?.consensuses.tell(listing(5));
  servers[1]?.consensuses.tell(listing(3));
  expect(seen).toEqual([6, 5, 3]);
  await clock.advance(60_000);
  expect(seen).toEqual([6, 5, 3]);
});

test("but not for longer than some seconds", async () => {
  const { directory, servers, seen, clock } = follow();
  directory.follow(first);
  servers[0]?.consensuses.tell(listing(6));
  directory.follow(second);
  servers[1]?.consensuses.tell(listing(2));
  await clock.advance(4999);
  expect(seen).toEqual([6]);
  await clock.advance(1);
  expect(seen).toEqual([6, 2]);
});

test("what it knows is no longer valid some time after the last server has gone", async () => {
  const { directory, servers, clock } = follow();
  directory.follow(first);
  servers[0]?.consensuses.tell(listing(3, TEST_NOW + 1000));
  await clock.advance(999);
  expect(directory.current).toBeDefined();
  await clock.advance(1);
  expect(directory.current).toBeUndefined();
});

test("nothing is left behind when it is closed", async () => {
  const { directory, servers, clock } = follow();
  directory.follow(first);
  directory.close();
  expect(servers[0]?.isClosed).toBe(true);
  expect(clock.waiting).toBe(0);
  directory.follow(second);
  expect(servers.length).toBe(1);
  expect(directory.state.phase).toBe("closed");
  await clock.settle();
});
