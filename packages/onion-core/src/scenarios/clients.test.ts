import { describe, expect, it } from "vitest";
import { roundTrip, startNetwork } from "./support.ts";
import type { OnionClient } from "../client/onion-client.ts";
import { decodeGuards } from "../client/guards/guard-records.ts";
import type { RelayId } from "../crypto/ids.ts";
import { randomBelow } from "../ports/random.ts";
import { memoryGuardStore } from "../testing/memory-network.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";
import type { VirtualClock } from "../testing/virtual-clock.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const echo = { host: "echo.test", port: 80 };

function clean(client: OnionClient): OnionClient["circuits"] {
  return client.circuits.filter(({ isolation, state }) => isolation === undefined && state.name === "open");
}

/** Lets time pass until three clean circuits stand by. */
async function standBy(clock: VirtualClock, client: OnionClient): Promise<void> {
  for (let i = 0; i < 1000 && clean(client).length < 3; i++) await clock.advance(100);
  expect(clean(client)).toHaveLength(3);
}

describe(withSeed("a client", seed), () => {
  it("uses of three circuits the one whose exit answers soonest", async () => {
    const delays = new Map<RelayId, number>();
    const { clock, network, random } = await startNetwork(
      seed,
      { middles: 3, exits: 4 },
      { channels: (_, to) => ({ latency: () => delays.get(to) ?? 1 }) },
    );
    for (const id of network.relays.keys()) delays.set(id, 1 + randomBelow(random, 200));
    const client = network.client();
    for (let i = 0; i < 5; i++) {
      await standBy(clock, client);
      const quickest = [...clean(client)].sort(
        (a, b) => (a.hops[2]?.handshakeMs ?? 0) - (b.hops[2]?.handshakeMs ?? 0),
      )[0];
      const { circuit } = await clock.until(client.openStream(echo, { isolation: String(i) }));
      expect(circuit.id).toBe(quickest?.id);
    }
    client.close();
  });

  it("gives streams another circuit when theirs takes too long to build", async () => {
    const slow: { relay?: RelayId } = {};
    const { clock, network } = await startNetwork(
      seed,
      { middles: 4 },
      // To and from: a hop takes eight seconds, which is in time; the circuit takes sixteen, which is not.
      {
        channels: (from, to) => ({ latency: () => ([from, to].includes(slow.relay as RelayId) ? 3990 : 1) }),
      },
    );
    slow.relay = network.entries.find(({ flags }) => !flags.has("Guard") && !flags.has("Exit"))?.descriptor
      .identity as RelayId;
    const client = network.client();
    const started = clock.monotonic();
    const streams = await clock.until(
      Promise.all(Array.from({ length: 8 }, (_, i) => client.openStream(echo, { isolation: String(i) }))),
    );
    for (const { circuit } of streams) expect(circuit.hops[1]?.relay).not.toBe(slow.relay);
    expect(clock.monotonic() - started).toBeLessThan(120_000);
    client.close();
  });

  it("whose first guards are dead goes on to others by itself, and comes back to the same ones", async () => {
    const { clock, network } = await startNetwork(seed, { guards: 8 });
    const store = memoryGuardStore();
    const before = network.client({ guards: store });
    await standBy(clock, before);
    before.close();
    const dead = decodeGuards(store.saved ?? "", Infinity)
      .slice(0, 4)
      .map(({ id }) => id);
    for (const id of dead) network.kill(id);
    const used = new Set<RelayId | undefined>();
    for (let i = 0; i < 3; i++) {
      const client = network.client({ guards: store });
      const stream = await clock.until(client.openStream(echo, { isolation: "a" }));
      used.add(stream.circuit.hops[0]?.relay);
      await clock.until(roundTrip(stream, new Uint8Array(5000).fill(1)));
      client.close();
    }
    expect(used.size).toBe(1);
    expect(dead).not.toContain([...used][0]);
  });

  it("keeps circuits for the ports of the last hour, each for an hour at most, and builds tests only while it is in use", async () => {
    const { clock, network } = await startNetwork(seed);
    const client = network.client();
    await standBy(clock, client);
    const first = new Set(clean(client).map(({ id }) => id));
    await clock.advance(3_600_000);
    expect(clean(client)).toHaveLength(3);
    expect(clean(client).some(({ id }) => first.has(id))).toBe(false);
    // Nine circuits more than those that stand by: none was built to learn how long that takes.
    const ids = clean(client).map(({ id }) => id);
    expect(Math.max(...ids)).toBeLessThan(20);
    await clock.until(client.openStream(echo, { isolation: "a" }));
    await clock.advance(600_000);
    const tests = Math.max(...clean(client).map(({ id }) => id)) - Math.max(...ids);
    expect(tests).toBeGreaterThan(0);
    expect(
      client.circuits.every(({ isolation, state }) => isolation !== undefined || state.name === "open"),
    ).toBe(true);
    client.close();
    await clock.settle();
  });
});
