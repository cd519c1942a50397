import type { TabId } from "@tabor/browsing";
import type { FindDirection, FindResult } from "../services/view-agent.ts";

/** A boot page, which reaches into those of a tab's pages that are of its origin. */
export interface PlaceFinder {
  /** Marks all places that have the text. @returns how many they are; 0 if it does not answer. */
  count(query: string): Promise<number>;
  /** One of them, counted from zero, is the one that is looked at; undefined: none is. */
  show(place: number | undefined): void;
}

/** Finds text in a tab's page and in the frames in it, whosever they are: first in the page, then in what each further boot page reaches into. */
export class TabFinder {
  readonly #findersOf: (tab: TabId) => readonly PlaceFinder[];
  /** What is looked for, and how many steps forward from its first place: round and round, so any whole number. */
  readonly #last = new Map<TabId, { readonly query: string; readonly steps: number }>();
  #turn = 0;

  constructor(findersOf: (tab: TabId) => readonly PlaceFinder[]) {
    this.#findersOf = findersOf;
  }

  /** The next place, round and round; of a new query the first one, or backward the last. */
  async find(tab: TabId, query: string, direction: FindDirection): Promise<FindResult> {
    const turn = ++this.#turn;
    // Before any wait: a person who types and presses Enter at once means the second place.
    const steps = this.#step(tab, query, direction);
    const finders = this.#findersOf(tab);
    const counts = await Promise.all(finders.map((finder) => finder.count(query)));
    const count = counts.reduce((sum, one) => sum + one, 0);
    // While one waits another letter may have been typed.
    if (turn !== this.#turn) return { count, current: 0 };
    const current = count === 0 ? 0 : (((steps % count) + count) % count) + 1;
    let before = 0;
    for (const [index, finder] of finders.entries()) {
      const here = counts[index] ?? 0;
      const place = current - 1 - before;
      finder.show(place >= 0 && place < here ? place : undefined);
      before += here;
    }
    return { count, current };
  }

  /** The tab shows another document. */
  forget(tab: TabId): void {
    this.#last.delete(tab);
  }

  #step(tab: TabId, query: string, direction: FindDirection): number {
    const last = this.#last.get(tab);
    const isForward = direction === "forward";
    const steps = last?.query === query ? last.steps + (isForward ? 1 : -1) : isForward ? 0 : -1;
    this.#last.set(tab, { query, steps });
    return steps;
  }
}
