/** What a consensus says, in the words of those who made it: for people who want to know why. */

import type { RelayId } from "../crypto/ids.ts";
import { compareBytes } from "../bytes/compare.ts";
import type { Consensus, ConsensusContent, RelayEntry, RelayFlag } from "./consensus.ts";
import { RELAY_FLAGS } from "./flag-bits.ts";
import { isMeasuring, UNMEASURED_WEIGHT } from "./unmeasured.ts";
import type { Vote } from "./vote.ts";

/** What is between two consensuses, by relays. */
export interface ConsensusChanges {
  readonly came: readonly RelayEntry[];
  readonly left: readonly RelayEntry[];
  /** Of which something else is said, or which published anew. */
  readonly changed: readonly { readonly before: RelayEntry; readonly after: RelayEntry }[];
}

export function changesBetween(before: ConsensusContent, after: ConsensusContent): ConsensusChanges {
  const known = new Map(before.relays.map((entry) => [entry.descriptor.identity, entry]));
  const came: RelayEntry[] = [];
  const changed: { before: RelayEntry; after: RelayEntry }[] = [];
  for (const entry of after.relays) {
    const old = known.get(entry.descriptor.identity);
    known.delete(entry.descriptor.identity);
    if (old === undefined) came.push(entry);
    else if (!isSame(old, entry)) changed.push({ before: old, after: entry });
  }
  return { came, left: [...known.values()], changed };
}

/** Who has set a flag, of those whose votes are at hand. */
export interface FlagVotes {
  readonly flag: RelayFlag;
  readonly isSet: boolean;
  readonly for: readonly RelayId[];
}

/** What one authority gave a relay, KiB/s. */
export interface WeightVote {
  readonly authority: RelayId;
  readonly weight: number;
  readonly measured: number | undefined;
}

/** Why a relay has its flags and its weight (SPEC §8.4). */
export interface RelayExplanation {
  readonly entry: RelayEntry;
  /** Authorities whose votes were counted; what is set needs more than half of all that there are. */
  readonly flags: readonly FlagVotes[];
  readonly weights: readonly WeightVote[];
  /** Authorities whose votes are at hand that measure relays; that claims count no more takes more than half of all. */
  readonly measuring: readonly RelayId[];
  /**
   * measured: the weight is the median of what was measured. claimed: of what the voters gave it by what it claims, for too few
   * measure. unmeasured: the same, but next to nothing at most, for others were measured.
   */
  readonly weightFrom: "measured" | "claimed" | "unmeasured";
}

/**
 * @param votes those that the consensus was computed from, as far as they are at hand.
 * @param authorities how many there are, voters or not.
 * @returns undefined for a relay that is not listed.
 */
export function explainRelay(
  consensus: Consensus,
  votes: readonly Vote[],
  { relay, authorities }: { readonly relay: RelayId; readonly authorities: number },
): RelayExplanation | undefined {
  const entry = consensus.relaysById.get(relay);
  if (entry === undefined) return undefined;
  const said = votes.flatMap(({ authority, relays }) => {
    const voted = relays.find(({ identity }) => identity === relay);
    return voted === undefined ? [] : [{ ...voted, authority }];
  });
  const flags = RELAY_FLAGS.map((flag) => ({
    flag,
    isSet: entry.flags.has(flag),
    for: said.filter((voted) => voted.flags.has(flag)).map(({ authority }) => authority),
  }));
  const weights = said.map(({ authority, weight, measured }) => ({ authority, weight, measured }));
  const measuring = votes.filter((vote) => isMeasuring(vote.relays)).map(({ authority }) => authority);
  const isMajority = (count: number): boolean => 2 * count > authorities;
  const isMeasured = isMajority(weights.filter(({ measured }) => measured !== undefined).length);
  const weightOtherwise = isMajority(measuring.length) ? "unmeasured" : "claimed";
  return { entry, flags, weights, measuring, weightFrom: isMeasured ? "measured" : weightOtherwise };
}

/** By which rule an authority that votes by this program sets a flag (`relay-flags.ts`). */
export const FLAG_RULES: Readonly<Record<RelayFlag, string>> = {
  Running:
    "it is joined, its address and network have room for it, and circuits through it work, if the authority has a measurer",
  Valid: "its descriptor is valid",
  Guard:
    "Stable and Fast, and not among the newest eighth of those; an exit only while exits are plentiful (5, a third of the weight)",
  Exit: "it allows port 80 or 443",
  Stable: "it runs in Node: tabs come and go",
  Fast: "it carries at least 100 KiB/s",
  BadExit: "nobody sets it by rule",
  Fetch: "it fetches from port 80 or 443",
};

/** By which rule such an authority gives a weight; and then by where the weight is from. */
export const WEIGHT_RULE =
  "what was measured, and no more than it claims; until relays are measured what it claims, but at most twice the median of its kind; at most 128 MiB/s, and its network's share";

export const WEIGHT_REASONS: Readonly<Record<RelayExplanation["weightFrom"], string>> = {
  measured: "the median of what was measured",
  claimed: "the median of what the voters gave by its claim, for relays are not measured by more than half",
  unmeasured: `at most ${String(UNMEASURED_WEIGHT)}, for more than half measure relays, and have not measured this one yet`,
};

function isSame(a: RelayEntry, b: RelayEntry): boolean {
  return (
    a.weight === b.weight &&
    compareBytes(a.network, b.network) === 0 &&
    compareBytes(a.descriptorBytes, b.descriptorBytes) === 0 &&
    RELAY_FLAGS.every((flag) => a.flags.has(flag) === b.flags.has(flag))
  );
}
