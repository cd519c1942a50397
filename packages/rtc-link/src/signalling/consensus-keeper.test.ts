import type { Consensus, TaborError } from "@tabor/onion-core";
import { TEST_NOW, testConsensus, testRelay, VirtualClock } from "@tabor/onion-core/testing";
import { describe, expect, it } from "vitest";
import { ConsensusKeeper } from "./consensus-keeper.ts";

async function keeperFor(authorities: ConstructorParameters<typeof ConsensusKeeper>[0]) {
  const clock = new VirtualClock(TEST_NOW);
  const keeper = new ConsensusKeeper(authorities, clock);
  const seen: Consensus[] = [];
  const outcomes: (TaborError | undefined)[] = [];
  keeper.subscribe((consensus) => seen.push(consensus));
  const offer = (bytes: Uint8Array) => {
    keeper.offer(bytes, (refused) => outcomes.push(refused));
    return clock.settle();
  };
  await clock.settle();
  return { clock, keeper, seen, outcomes, offer };
}

describe("consensus keeper", () => {
  it("keeps and announces what the authorities signed, until it is no longer valid", async () => {
    const relay = await testRelay();
    const { bytes, authorities } = await testConsensus({ relays: [relay] });
    const { keeper, clock, seen, outcomes, offer } = await keeperFor(authorities);
    expect(keeper.current).toBeUndefined();
    await offer(bytes);
    expect(outcomes).toEqual([undefined]);
    expect(seen).toEqual([keeper.current]);
    expect(keeper.current?.relaysById.has(relay.descriptor.identity)).toBe(true);
    await clock.advance(10 * 60_000 - 1);
    expect(keeper.current).toBeDefined();
    await clock.advance(1);
    expect(keeper.current).toBeUndefined();
  });

  it("refuses what a stranger signed, what was changed, and what is old, and keeps what it has", async () => {
    const relay = await testRelay();
    const good = await testConsensus({ relays: [relay] });
    const stranger = await testConsensus({ relays: [], now: TEST_NOW + 5 });
    const { keeper, seen, outcomes, offer, clock } = await keeperFor(good.authorities);
    await offer(good.bytes);
    const kept = keeper.current;
    await offer(stranger.bytes);
    await offer(good.bytes.with(30, 99));
    await offer(good.bytes.subarray(1));
    expect(outcomes.slice(1).map((refused) => refused?.code)).toEqual([
      "not-authentic",
      "not-authentic",
      "malformed",
    ]);
    await clock.advance(11 * 60_000);
    await offer(good.bytes);
    expect(outcomes.at(-1)?.code).toBe("expired");
    expect(seen).toEqual([kept]);
  });

  it("verifies one at a time, and of those that pile up only the last", async () => {
    const { bytes, authorities } = await testConsensus({ relays: [await testRelay()] });
    const { outcomes, keeper, seen, clock } = await keeperFor(authorities);
    for (let i = 0; i < 100; i++) keeper.offer(bytes, (refused) => outcomes.push(refused));
    await clock.settle();
    expect(outcomes).toEqual([undefined, undefined]);
    expect(seen).toHaveLength(2);
  });
});
