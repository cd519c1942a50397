import type { TabId } from "@tabor/browsing";
import type { Tab } from "./tab.ts";

/** The row of tabs, and which of them is shown. */
export interface TabList {
  readonly tabs: readonly Tab[];
  readonly active: TabId;
}

/** With a new tab after the one shown, which is shown from now on. */
export function opened({ tabs, active }: TabList, tab: Tab): TabList {
  const at = tabs.findIndex(({ id }) => id === active) + 1;
  return { tabs: tabs.toSpliced(at, 0, tab), active: tab.id };
}

/** Without a tab; if it was shown, its right neighbour is, or its left one. @returns undefined if none is left. */
export function closed({ tabs, active }: TabList, id: TabId): TabList | undefined {
  const at = tabs.findIndex((tab) => tab.id === id);
  const next = tabs[at + 1] ?? tabs[at - 1];
  if (next === undefined) return undefined;
  return { tabs: tabs.filter((tab) => tab.id !== id), active: active === id ? next.id : active };
}

/** With a tab moved that many places to the right (negative: left), at most to the end. */
export function reordered(tabs: readonly Tab[], id: TabId, by: number): readonly Tab[] {
  const at = tabs.findIndex((tab) => tab.id === id);
  const tab = tabs[at];
  if (tab === undefined) return tabs;
  const to = Math.min(Math.max(at + by, 0), tabs.length - 1);
  return tabs.toSpliced(at, 1).toSpliced(to, 0, tab);
}
