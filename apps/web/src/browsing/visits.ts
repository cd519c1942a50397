import type { TabId } from "@tabor/browsing";
import { shownAddress } from "./typed-address.ts";

/** A page that was shown in this session, newest first in lists of them. */
export interface Visit {
  readonly url: string;
  /** May be empty. */
  readonly title: string;
}

export interface Suggestion extends Visit {
  /** The tab that shows it, if one does. */
  readonly tab: TabId | undefined;
}

const MAX_VISITS = 500;
const MAX_SUGGESTIONS = 6;

/** The list after a visit, or after its title has become known. */
export function visited(visits: readonly Visit[], visit: Visit): readonly Visit[] {
  return [visit, ...visits.filter(({ url }) => url !== visit.url)].slice(0, MAX_VISITS);
}

/** What the person may mean: what begins like it first, then what has it within, then titles; the newer first. */
export function suggest(
  typed: string,
  visits: readonly Visit[],
  open: readonly (Visit & { readonly tab: TabId })[],
): Suggestion[] {
  const text = bare(typed.trim().toLowerCase());
  const ranked = visits
    .map((visit) => ({ visit, rank: rankOf(text, visit) }))
    .filter(({ rank }) => rank < Infinity)
    .sort((a, b) => a.rank - b.rank);
  return ranked.slice(0, MAX_SUGGESTIONS).map(({ visit: { url, title } }) => ({
    url,
    title,
    tab: open.find((other) => other.url === url)?.tab,
  }));
}

function rankOf(text: string, { url, title }: Visit): number {
  const address = bare(shownAddress(url).toLowerCase());
  if (address.startsWith(text)) return 0;
  if (address.includes(text)) return 1;
  return title.toLowerCase().includes(text) ? 2 : Infinity;
}

function bare(address: string): string {
  return address.replace(/^https?:\/\//, "").replace(/^www\./, "");
}
