import type { ScrollPosition } from "../services/view-agent.ts";

/** Where a tab has been, in memory only. `index` is of the entry shown. */
export interface TabHistory {
  readonly entries: readonly HistoryEntry[];
  readonly index: number;
}

export interface HistoryEntry {
  readonly url: string;
  /** May be empty. */
  readonly title: string;
  /** Where it was scrolled to when it was left. */
  readonly scroll: ScrollPosition | undefined;
}

/** Where a page will stand in the history once it is shown. */
export type Placement =
  | { readonly kind: "push" }
  /** In the place of the entry with this index. */
  | { readonly kind: "at"; readonly index: number };

export const PUSH: Placement = { kind: "push" };

const MAX_ENTRIES = 100;
const NOWHERE = { title: "", scroll: undefined } as const;

export function historyOf(url: string): TabHistory {
  return { entries: [{ url, ...NOWHERE }], index: 0 };
}

/** The history once `url` is shown. After a push, what lay ahead is forgotten. */
export function placed(history: TabHistory, url: string, placement: Placement): TabHistory {
  if (placement.kind === "push") {
    const before = history.entries.slice(0, history.index + 1);
    const entries = [...before, { url, ...NOWHERE }].slice(-MAX_ENTRIES);
    return { entries, index: entries.length - 1 };
  }
  const index = Math.min(Math.max(placement.index, 0), history.entries.length - 1);
  const entries = history.entries.map((entry, at) =>
    at === index && entry.url !== url ? { url, ...NOWHERE } : entry,
  );
  return { entries, index };
}

/** Changes the entry shown, or the one at `index` if it still is that of `url`. */
export function amended(
  history: TabHistory,
  change: Partial<Omit<HistoryEntry, "url">>,
  { index, url }: { readonly index: number; readonly url: string },
): TabHistory {
  const entries = history.entries.map((entry, at) =>
    at === index && entry.url === url ? { ...entry, ...change } : entry,
  );
  return { ...history, entries };
}

/** The entry `by` steps ahead (negative: back), and where it is. */
export function neighbour(
  { entries, index }: TabHistory,
  by: number,
): (HistoryEntry & { readonly index: number }) | undefined {
  const entry = entries[index + by];
  return entry === undefined ? undefined : { ...entry, index: index + by };
}
