/**
 * Flags and weights of joined relays (SPEC §8.2), after Tor's rules (dir-spec, "Exact vote flags").
 *
 * - *Valid*: joined, with a valid descriptor.
 * - *Running*: Valid, and answers the authority's measurer, if there is one at work.
 * - *Exit*: the summary for IPv4 or IPv6 allows port 80 or 443.
 * - *Stable*: a Node process; tabs come and go.
 * - *Fast*: carries at least 100 KiB/s.
 * - *Guard*: Stable, Fast and familiar: not among the youngest eighth of the Stable relays, unless joined for 8 days; so
 *   newcomers are not kept by clients before others have come after them. An exit is a guard too only while exits are plentiful
 *   (at least 5, with more than a third of the whole weight): in a small network the exits are spared, so that a
 *   client that keeps a guard has every exit left, and three distinct hops.
 * - *BadExit*: never set here.
 * - *Fetch*: the summary for fetching allows port 80 or 443.
 *
 * Whom its address or its network has no room for (`withinNetworkLimits`) gets no flags and no weight.
 *
 * A relay carries what was measured, and no more than it claims. Who is not measured carries what it claims, but at most twice the
 * median of the relays of the same platform, for a relay that boasts must not draw most of the traffic to itself: a minority of
 * boasters does not move the median, and tabs, of which there are many, do not move that of Node relays. Where relays are
 * measured it counts for next to nothing instead, until it is. Nobody carries more than 128 MiB/s, and no network more than its
 * share of the whole (`networkShares`).
 */

import type { RelayFlag } from "./consensus.ts";
import { RELAY_FLAGS } from "./flag-bits.ts";
import type { Platform } from "./descriptor.ts";
import type { JoinedRelay } from "./joined-relay.ts";
import { lowerMedian } from "./lower-median.ts";
import { networkShares, withinNetworkLimits } from "./network-limits.ts";
import { PolicySummary } from "./policy-summary.ts";
import { isMeasuring, UNMEASURED_WEIGHT } from "./unmeasured.ts";

export interface Assessment {
  readonly flags: ReadonlySet<RelayFlag>;
  /** KiB/s by what it claims. */
  readonly weight: number;
  /** KiB/s by what was measured, if it was. */
  readonly measured: number | undefined;
}

const FAST_KIB_PER_S = 100;
const FAMILIAR_MS = 8 * 86_400_000;
const PLENTY_OF_EXITS = 5;
const MAX_MEDIANS = 2;
const MAX_WEIGHT = 128 * 1024;
const WEB_PORTS = [80, 443];

/** Looks at the whole network, and returns what it says of each relay. */
export function assessRelays(
  relays: readonly JoinedRelay[],
  now: number,
): (relay: JoinedRelay) => Assessment {
  const within = withinNetworkLimits(relays);
  const isRunning = ({ standing }: JoinedRelay): boolean => standing?.answers !== false;
  const counted = relays.filter((relay) => within.has(relay) && isRunning(relay));
  const { claimed, measured, carried } = offers(counted);
  const isFamiliar = familiarity(counted.filter(isStable), now);
  const exits = new Set(counted.filter(isExit));
  const exitsAreGuards = exitsArePlentiful(counted, exits, carried);
  return (relay) => {
    if (!within.has(relay)) return { flags: flagSet({}), weight: 0, measured: undefined };
    const stable = isStable(relay);
    const fast = carried(relay) >= FAST_KIB_PER_S;
    const exit = isExit(relay);
    const guard = stable && fast && isFamiliar(relay) && (!exit || exitsAreGuards);
    const flags = flagSet({
      Running: isRunning(relay),
      Valid: true,
      Guard: guard,
      Exit: exit,
      Fetch: isFetchExit(relay),
      Stable: stable,
      Fast: fast,
    });
    return { flags, weight: claimed(relay), measured: measured(relay) };
  };
}

function isStable({ descriptor }: JoinedRelay): boolean {
  return descriptor.platform === "node";
}

function isExit({ descriptor: { policy4, policy6 } }: JoinedRelay): boolean {
  return [policy4, policy6].some(allowsWeb);
}

function isFetchExit({ descriptor: { fetchPolicy } }: JoinedRelay): boolean {
  return fetchPolicy !== undefined && allowsWeb(fetchPolicy);
}

function allowsWeb(text: string): boolean {
  const summary = PolicySummary.parse(text);
  return WEB_PORTS.some((port) => summary.allows(port));
}

/** KiB/s of a relay, by what it claims, by what was measured, and what counts of both; each within its network's share. */
interface Offers {
  readonly claimed: (relay: JoinedRelay) => number;
  readonly measured: (relay: JoinedRelay) => number | undefined;
  readonly carried: (relay: JoinedRelay) => number;
}

function offers(relays: readonly JoinedRelay[]): Offers {
  const claimOf = cappedClaims(relays);
  const measuredOf = cappedMeasurements(relays);
  const mostUnmeasured = relays.some((relay) => measuredOf(relay) !== undefined)
    ? UNMEASURED_WEIGHT
    : Infinity;
  const carriedBy = (relay: JoinedRelay): number =>
    measuredOf(relay) ?? Math.min(claimOf(relay), mostUnmeasured);
  const shareOf = networkShares(relays, carriedBy);
  const shared = (relay: JoinedRelay, rate: number): number => Math.floor(rate * shareOf(relay));
  return {
    claimed: (relay) => shared(relay, claimOf(relay)),
    measured: (relay) => {
      const rate = measuredOf(relay);
      return rate === undefined ? undefined : shared(relay, rate);
    },
    carried: (relay) => shared(relay, carriedBy(relay)),
  };
}

/** Undefined for all while too few have been measured to say what others are beside them. */
function cappedMeasurements(relays: readonly JoinedRelay[]): (relay: JoinedRelay) => number | undefined {
  if (!isMeasuring(relays.map(({ standing }) => ({ measured: standing?.measured })))) return () => undefined;
  return ({ standing, descriptor }) =>
    standing?.measured === undefined
      ? undefined
      : Math.min(standing.measured, descriptor.capacity, MAX_WEIGHT);
}

function cappedClaims(relays: readonly JoinedRelay[]): (relay: JoinedRelay) => number {
  const capOf = (platform: Platform): number => {
    const ofPlatform = relays.filter(({ descriptor }) => descriptor.platform === platform);
    const median = lowerMedian(ofPlatform.map(({ descriptor }) => descriptor.capacity));
    return Math.min(MAX_MEDIANS * median, MAX_WEIGHT);
  };
  const caps: Readonly<Record<Platform, number>> = { node: capOf("node"), tab: capOf("tab") };
  return ({ descriptor: { capacity, platform } }) => Math.min(capacity, caps[platform]);
}

function familiarity(stable: readonly JoinedRelay[], now: number): (relay: JoinedRelay) => boolean {
  const joined = stable.map(({ since }) => since).sort((a, b) => a - b);
  const latest = joined[joined.length - 1 - Math.floor(joined.length / 8)] ?? 0;
  return ({ since }) => since <= latest || now - since >= FAMILIAR_MS;
}

function exitsArePlentiful(
  relays: readonly JoinedRelay[],
  exits: ReadonlySet<JoinedRelay>,
  weightOf: (relay: JoinedRelay) => number,
): boolean {
  const sum = (some: Iterable<JoinedRelay>): number =>
    [...some].reduce((total, relay) => total + weightOf(relay), 0);
  return exits.size >= PLENTY_OF_EXITS && 3 * sum(exits) > sum(relays);
}

function flagSet(flags: Readonly<Partial<Record<RelayFlag, boolean>>>): ReadonlySet<RelayFlag> {
  return new Set(RELAY_FLAGS.filter((name) => flags[name]));
}
