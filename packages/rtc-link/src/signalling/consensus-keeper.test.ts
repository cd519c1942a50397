import { deflateRawSync } from "node:zlib";
import {
  type Consensus,
  decodeConsensus,
  encodeConsensusDiff,
  generateSigningKey,
  type SigningKey,
  type TaborError,
} from "@tabor/onion-core";
import { TEST_NOW, testConsensus, type TestRelay, testRelay, VirtualClock } from "@tabor/onion-core/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { ConsensusKeeper, type ConsensusMessage, type Outcome } from "./consensus-keeper.ts";

const SERVER = {};

async function keeperFor(authorities: ConstructorParameters<typeof ConsensusKeeper>[0]) {
  const clock = new VirtualClock(TEST_NOW);
  const keeper = new ConsensusKeeper(authorities, clock);
  const seen: Consensus[] = [];
  const outcomes: Outcome[] = [];
  keeper.subscribe((consensus) => seen.push(consensus));
  const offer = (bytes: Uint8Array, kind: ConsensusMessage["kind"] = "whole", server: object = SERVER) => {
    return new Promise<void>((resolve) => {
      keeper.offer(server, { kind, bytes }, (outcome) => {
        outcomes.push(outcome);
        resolve();
      });
    });
  };
  await clock.settle();
  return { clock, keeper, seen, outcomes, offer };
}

const refused = (outcome: Outcome | undefined): TaborError["code"] | undefined =>
  outcome?.kind === "refused" ? outcome.reason.code : undefined;

describe("consensus keeper", () => {
  it("keeps and announces what the authorities signed, until it is no longer valid", async () => {
    const relay = await testRelay();
    const { bytes, authorities } = await testConsensus({ relays: [relay] });
    const { keeper, clock, seen, outcomes, offer } = await keeperFor(authorities);
    expect(keeper.current).toBeUndefined();
    await offer(bytes);
    expect(outcomes).toEqual([{ kind: "accepted" }]);
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
    expect(outcomes.slice(1).map(refused)).toEqual(["not-authentic", "not-authentic", "malformed"]);
    await clock.advance(11 * 60_000);
    await offer(good.bytes);
    expect(refused(outcomes.at(-1))).toBe("expired");
    expect(seen).toEqual([kept]);
  });

  it("verifies one at a time, of those of a server that pile up only the last, and tells of each consensus once", async () => {
    const { bytes, authorities } = await testConsensus({ relays: [await testRelay()] });
    const { outcomes, seen, offer } = await keeperFor(authorities);
    const first = offer(bytes);
    for (let i = 0; i < 100; i++) void offer(bytes);
    const others = [offer(bytes, "whole", {}), offer(bytes, "whole", {})];
    const last = offer(bytes);
    await Promise.all([first, ...others, last]);
    expect(outcomes).toHaveLength(4);
    expect(seen).toHaveLength(1);
  });
});

describe("a difference", () => {
  let keys: readonly SigningKey[];
  let relays: readonly TestRelay[];
  /** One after the other, each a second later, as a whole, and as what is new in it. */
  let chain: readonly { bytes: Uint8Array; difference: Uint8Array; consensus: Consensus }[];

  beforeAll(async () => {
    const { key } = await generateSigningKey();
    keys = [key];
    relays = await Promise.all(Array.from({ length: 6 }, () => testRelay()));
    const made = [];
    for (let i = 0; i < 6; i++) {
      const { bytes, consensus } = await testConsensus({
        relays: relays.slice(0, i + 1),
        signers: keys,
        now: TEST_NOW + i,
      });
      const before = made.at(-1)?.consensus ?? consensus;
      const { signatures } = decodeConsensus(bytes);
      const result = { content: consensus, digest: consensus.digest, signatures };
      const difference = encodeConsensusDiff({ content: before, digest: before.digest }, result);
      made.push({ bytes, consensus, difference: new Uint8Array(deflateRawSync(difference)) });
    }
    chain = made;
  });

  const at = (index: number) => chain[index] as (typeof chain)[number];
  const keeper = () => keeperFor(keys.map(({ id }) => id));

  it("from one of the last three is accepted, and of another its base is wanted", async () => {
    const { offer, outcomes, seen } = await keeper();
    await offer(at(1).difference, "difference");
    await offer(at(0).bytes);
    for (const { difference } of chain.slice(1, 5)) await offer(difference, "difference");
    expect(outcomes.map(({ kind }) => kind)).toEqual(["unknown base", ...Array<string>(5).fill("accepted")]);
    expect(seen.map(({ relays: listed }) => listed.length)).toEqual([1, 2, 3, 4, 5]);
  });

  it("to what it has is no news", async () => {
    const { offer, outcomes, seen } = await keeper();
    await offer(at(1).bytes);
    await offer(at(1).difference, "difference");
    expect(outcomes.map(({ kind }) => kind)).toEqual(["accepted", "accepted"]);
    expect(seen).toHaveLength(1);
  });

  it("is refused when it is no DEFLATE, cut, or grows beyond bounds", async () => {
    const { offer, outcomes, seen } = await keeper();
    await offer(at(0).bytes);
    const { difference } = at(1);
    const hostile = [
      Uint8Array.of(1, 2, 3),
      difference.subarray(0, -1),
      new Uint8Array(deflateRawSync(new Uint8Array(40_000_000))),
      new Uint8Array(0),
    ];
    for (const bytes of hostile) await offer(bytes, "difference");
    expect(outcomes.slice(1).map(refused)).toEqual(hostile.map(() => "malformed"));
    expect(seen).toHaveLength(1);
  });
});
