import type { TabId } from "@tabor/browsing";
import { describe, expect, it } from "vitest";
import { TabFinder, type PlaceFinder } from "./tab-finder.ts";

const TAB = "tab-1" as TabId;

interface Fake extends PlaceFinder {
  readonly shown: (number | undefined)[];
}

function fake(counts: Readonly<Record<string, number>>): Fake {
  const shown: (number | undefined)[] = [];
  return {
    shown,
    count: (query) => Promise.resolve(counts[query] ?? 0),
    show: (place) => {
      shown.push(place);
    },
  };
}

describe("finding in a tab whose frames are of several origins", () => {
  it("goes through the page and then through its frames, round and round, and one place alone is shown", async () => {
    const [page, ad, video] = [fake({ onion: 2 }), fake({}), fake({ onion: 1 })];
    const finder = new TabFinder(() => [page, ad, video]);
    const seen: number[] = [];
    for (let i = 0; i < 4; i++) {
      const { count, current } = await finder.find(TAB, "onion", "forward");
      expect(count).toBe(3);
      seen.push(current);
    }
    expect(seen).toEqual([1, 2, 3, 1]);
    expect(page.shown).toEqual([0, 1, undefined, 0]);
    expect(ad.shown).toEqual([undefined, undefined, undefined, undefined]);
    expect(video.shown).toEqual([undefined, undefined, 0, undefined]);
  });

  it("goes backward, from the last place on", async () => {
    const finder = new TabFinder(() => [fake({ onion: 2 }), fake({ onion: 1 })]);
    const seen: number[] = [];
    for (let i = 0; i < 4; i++) seen.push((await finder.find(TAB, "onion", "backward")).current);
    expect(seen).toEqual([3, 2, 1, 3]);
  });

  it("begins anew with another query, and with another document", async () => {
    const finder = new TabFinder(() => [fake({ onion: 5, leek: 2 })]);
    await finder.find(TAB, "onion", "forward");
    expect((await finder.find(TAB, "onion", "forward")).current).toBe(2);
    expect((await finder.find(TAB, "leek", "forward")).current).toBe(1);
    await finder.find(TAB, "leek", "forward");
    finder.forget(TAB);
    expect((await finder.find(TAB, "leek", "forward")).current).toBe(1);
  });

  it("goes on where a frame has come or gone meanwhile", async () => {
    let finders = [fake({ onion: 1 }), fake({ onion: 4 })];
    const finder = new TabFinder(() => finders);
    await finder.find(TAB, "onion", "backward");
    finders = finders.slice(0, 1);
    expect(await finder.find(TAB, "onion", "forward")).toEqual({ count: 1, current: 1 });
  });

  it("shows nothing for a query that another has overtaken", async () => {
    const slow = fake({ on: 1, onion: 1 });
    let answer: ((count: number) => void) | undefined;
    const count = (query: string): Promise<number> =>
      query === "on"
        ? new Promise((resolve) => {
            answer = resolve;
          })
        : Promise.resolve(1);
    const finder = new TabFinder(() => [{ ...slow, count }]);
    const first = finder.find(TAB, "on", "forward");
    await finder.find(TAB, "onion", "forward");
    answer?.(1);
    await first;
    expect(slow.shown).toEqual([0]);
  });

  it("goes to the second place where the query was typed and Enter pressed before any answer", async () => {
    const finder = new TabFinder(() => [fake({ onion: 2 })]);
    const [typed, entered] = [finder.find(TAB, "onion", "forward"), finder.find(TAB, "onion", "forward")];
    expect((await typed).current).toBe(0);
    expect((await entered).current).toBe(2);
  });

  it("finds nothing where nobody answers", async () => {
    expect(await new TabFinder(() => []).find(TAB, "onion", "forward")).toEqual({ count: 0, current: 0 });
  });
});
