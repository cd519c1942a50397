import type { RelayEntry } from "../directory/consensus.ts";

/**
 * Relays to link to, in the order in which others meet at them (SPEC §9.5): whoever has the same consensus has the same order. Those that are known
 * to run, to have room and to stay come first. Also one that is not Running: whoever finds out whether it runs does so over such links.
 */
export function ranked(relays: readonly RelayEntry[]): readonly RelayEntry[] {
  return relays.filter(({ flags }) => flags.has("Valid")).sort(compare);
}

function compare(a: RelayEntry, b: RelayEntry): number {
  return (
    runs(b) - runs(a) || isTab(a) - isTab(b) || isStable(b) - isStable(a) || (idOf(a) < idOf(b) ? -1 : 1)
  );
}

const runs = ({ flags }: RelayEntry): number => Number(flags.has("Running"));
const isTab = ({ descriptor }: RelayEntry): number => Number(descriptor.platform === "tab");
const isStable = ({ flags }: RelayEntry): number => Number(flags.has("Stable"));
const idOf = ({ descriptor }: RelayEntry): string => descriptor.identity;
