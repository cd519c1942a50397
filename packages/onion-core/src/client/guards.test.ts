import { describe, expect, it } from "vitest";
import { Guards } from "./guards.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { Consensus } from "../directory/consensus.ts";
import { startNetwork } from "../scenarios/support.ts";
import { memoryGuardStore } from "../testing/memory-network.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);

async function scene(guards: number, initial: readonly RelayId[] = []) {
  const { clock, network, random } = await startNetwork(seed, { guards });
  const store = memoryGuardStore(initial);
  const consensus = (): Consensus => network.directory.current as Consensus;
  const one = new Guards(store, { clock, random });
  const choose = async (): Promise<RelayId> => (await one.choose(consensus())).descriptor.identity;
  const unlist = (...gone: readonly RelayId[]): Promise<void> =>
    network.publish(network.entries.filter(({ descriptor }) => !gone.includes(descriptor.identity)));
  return { clock, network, store, guards: one, choose, unlist };
}

describe(withSeed("guards", seed), () => {
  it("are chosen among relays with the flag, saved, and kept", async () => {
    const { choose, store, network } = await scene(5);
    const guard = await choose();
    expect(network.directory.current?.relaysById.get(guard)?.flags.has("Guard")).toBe(true);
    for (let i = 0; i < 20; i++) expect(await choose()).toBe(guard);
    expect(store.saved).toEqual([guard]);
  });

  it("that do not answer are passed over for a minute, then come first again", async () => {
    const { clock, choose, guards, store } = await scene(5);
    const first = await choose();
    guards.failed(first);
    const second = await choose();
    expect(second).not.toBe(first);
    await clock.advance(59_999);
    expect(await choose()).toBe(second);
    await clock.advance(1);
    expect(await choose()).toBe(first);
    expect(store.saved).toEqual([first, second]);
  });

  it("are never more than three: when all have failed, the one that failed first is tried again", async () => {
    const { clock, choose, guards, store } = await scene(6);
    const failed: RelayId[] = [];
    for (let i = 0; i < 3; i++) {
      failed.push(await choose());
      guards.failed(failed[i] as RelayId);
      await clock.advance(10);
    }
    expect(new Set(failed).size).toBe(3);
    expect(await choose()).toBe(failed[0]);
    expect(store.saved).toEqual(failed);
  });

  it("that are the only ones are tried again at once", async () => {
    const { choose, guards } = await scene(1);
    const only = await choose();
    guards.failed(only);
    expect(await choose()).toBe(only);
  });

  it("that are not listed for a while are stood in for, and keep their place", async () => {
    const { choose, unlist, store } = await scene(3);
    const first = await choose();
    await unlist(first);
    const second = await choose();
    expect(second).not.toBe(first);
    expect(store.saved).toEqual([first, second]);
    await unlist();
    expect(await choose()).toBe(first);
  });

  it("from a store that holds nonsense are chosen anew", async () => {
    const { choose, network } = await scene(2, ["nonsense" as RelayId, "" as RelayId]);
    expect(network.directory.current?.relaysById.has(await choose())).toBe(true);
  });
});
