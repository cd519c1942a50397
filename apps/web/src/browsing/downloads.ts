import type { Download } from "@tabor/browsing";

const MAX_LISTED = 100;

/** Newest first. Of those that are over, the oldest leave when there are too many. */
export function listed(downloads: readonly Download[], download: Download): readonly Download[] {
  if (downloads.some(({ id }) => id === download.id))
    return downloads.map((before) => (before.id === download.id ? download : before));
  const all = [download, ...downloads];
  if (all.length <= MAX_LISTED) return all;
  const oldest = all.findLastIndex(isOver);
  return all.filter((_, index) => index !== oldest);
}

export function isOver({ state }: Download): boolean {
  return state.name === "done" || state.name === "failed";
}

export function isWaiting({ state }: Download): boolean {
  return state.name === "offered";
}
