import { expect, it } from "vitest";
import { Guards, type GuardStore } from "./guards.ts";
import type { RelayFlag } from "../../directory/consensus.ts";
import { silentLog } from "../../ports/log.ts";
import { testEntry, unsignedConsensus } from "../../testing/directory-fixtures.ts";
import { memoryGuardStore } from "../../testing/memory-network.ts";
import { SeededRandom } from "../../testing/seeded-random.ts";
import { VirtualClock } from "../../testing/virtual-clock.ts";

const FLAGS: readonly RelayFlag[] = ["Running", "Valid", "Guard", "Stable", "Fast"];
const consensus = unsignedConsensus(Array.from({ length: 100 }, (_, n) => testEntry(n, { flags: FLAGS })));

async function session(store: GuardStore, seed: number): Promise<string | undefined> {
  const clock = new VirtualClock();
  const guards = new Guards(store, { clock, random: new SeededRandom(seed), log: silentLog });
  const choice = (await guards.load()).select(consensus, () => true);
  (await guards.load()).begin(choice as NonNullable<typeof choice>, () => undefined).succeeded();
  await clock.settle();
  return choice?.entry.descriptor.identity;
}

it("the guard is the same in the next session", async () => {
  const store = memoryGuardStore();
  const first = await session(store, 1);
  for (let seed = 2; seed < 6; seed++) expect(await session(store, seed)).toBe(first);
});

it("what is thrown away or damaged is drawn anew, and kept again", async () => {
  const store = memoryGuardStore("\u0000 nonsense");
  const first = await session(store, 1);
  expect(store.saved).toContain(first);
  const saved = store.saved ?? "";
  const [header = "", ...lines] = saved.split("\n");
  const damaged = memoryGuardStore(
    [header, ...lines.map((line, i) => (i % 2 === 0 ? line.slice(1) : line))].join("\n"),
  );
  await session(damaged, 2);
  expect(damaged.saved?.split("\n")).toHaveLength(lines.length + 1);
  expect(lines.filter((line) => damaged.saved?.includes(line.slice(0, 43))).length).toBeGreaterThanOrEqual(
    10,
  );
});

it("storage that fails costs the client nothing but its memory", async () => {
  const refused = (): Promise<never> => Promise.reject(new Error("refused"));
  expect(await session({ load: refused, save: refused }, 1)).toBeDefined();
});

it("storage that never answers is waited for ten seconds", async () => {
  const clock = new VirtualClock();
  const store: GuardStore = { load: () => new Promise(() => undefined), save: () => Promise.resolve() };
  const guards = new Guards(store, { clock, random: new SeededRandom(1), log: silentLog });
  await clock.until(guards.load());
  expect(clock.monotonic()).toBe(10_000);
});

it("several changes at once are saved once, and nothing is saved when nothing changed", async () => {
  const saves: string[] = [];
  const store: GuardStore = {
    load: () => Promise.resolve(saves.at(-1)),
    save: (text) => Promise.resolve(void saves.push(text)),
  };
  await session(store, 1);
  expect(saves).toHaveLength(1);
  await session(store, 2);
  expect(saves).toHaveLength(1);
});

it("a save that never answers is given up after ten seconds, and the next change is saved", async () => {
  const clock = new VirtualClock();
  const saves: string[] = [];
  const store: GuardStore = {
    load: () => Promise.resolve(undefined),
    save: (text) => (saves.push(text) === 1 ? new Promise(() => undefined) : Promise.resolve()),
  };
  const guards = new Guards(store, { clock, random: new SeededRandom(1), log: silentLog });
  const set = await guards.load();
  const choice = set.select(consensus, () => true) as NonNullable<ReturnType<typeof set.select>>;
  await clock.settle();
  expect(saves).toHaveLength(1);
  await clock.advance(10_000);
  set.begin(choice, () => undefined).succeeded();
  await clock.settle();
  expect(saves).toHaveLength(2);
});
