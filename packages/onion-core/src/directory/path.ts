/**
 * Choosing the relays of a circuit (SPEC §10.1). The exit is chosen first, because fewest fit; then the guard, then the
 * middle. Where a choice leaves none for a later position it is taken back, so that a path is found where one exists.
 */

import { compareBytes } from "../bytes/compare.ts";
import type { RelayId } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";
import type { Random } from "../ports/random.ts";
import type { Consensus, RelayEntry } from "./consensus.ts";
import { PolicySummary } from "./policy-summary.ts";
import { positionWeight, type Position } from "./position-weight.ts";
import { chooseWeighted, weightedOrder } from "./weighted-choice.ts";

/** What the exit must allow: a port of most IPv4 addresses, or IPv6 ones. Without a port, any exit will do. */
export interface PathTarget {
  readonly port?: number | undefined;
  readonly ipv6?: boolean | undefined;
}

export interface PathRequest {
  readonly consensus: Consensus;
  readonly random: Random;
  readonly target: PathTarget;
  /** The guard that the client keeps; it serves as long as it is listed, with Guard or without. */
  readonly guard?: RelayId | undefined;
  /** Relays that may not be in the path. */
  readonly avoid?: ReadonlySet<RelayId> | undefined;
  /** Relays that may not be its exit: they refused this target, or failed with it. */
  readonly avoidExits?: ReadonlySet<RelayId> | undefined;
}

/** Exits, and guards for each, that are tried before giving up: bounds the search where nearly all relays conflict. */
const MAX_DRAWS = 16;

/** Three hops: guard, middle, exit. @throws no-path with a sentence that says what the network lacks. */
export function choosePath(request: PathRequest): readonly RelayEntry[] {
  const usable = usableRelays(request);
  const guards = guardCandidates(request, usable);
  const exits = exitCandidates(request, usable);
  for (const exit of inOrder(request, "exit", exits)) {
    const fitting = guards.filter((guard) => mayShareCircuit(guard, exit));
    for (const guard of inOrder(request, "guard", fitting)) {
      const middle = chooseMiddle(request, usable, [guard, exit]);
      if (middle) return [guard, middle, exit];
    }
  }
  throw noFit(request);
}

/**
 * A guard to keep, chosen as the guard of a path: so there is an exit, and a middle, that go with it.
 * @throws no-path, as `choosePath`.
 */
export function chooseGuard(request: Omit<PathRequest, "guard">): RelayEntry {
  const [guard] = choosePath(request);
  if (!guard) throw noFit(request);
  return guard;
}

/** Whether two relays may be in one path: not the same, nor of one family, nor seen in one network (SPEC §10.1). */
export function mayShareCircuit(a: RelayEntry, b: RelayEntry): boolean {
  const [idA, idB] = [a.descriptor.identity, b.descriptor.identity];
  if (idA === idB) return false;
  if (a.descriptor.family.includes(idB) && b.descriptor.family.includes(idA)) return false;
  return a.network.length === 0 || compareBytes(a.network, b.network) !== 0;
}

/** Whether an exit's summary allows the target: it then probably allows its address too (SPEC §8.3). */
export function exitAllows(exit: RelayEntry, target: PathTarget): boolean {
  return allowingTarget([exit], target).length > 0;
}

function usableRelays({ consensus, avoid }: PathRequest): readonly RelayEntry[] {
  const usable = consensus.relays.filter(
    ({ flags, descriptor }) => flags.has("Running") && flags.has("Valid") && !avoid?.has(descriptor.identity),
  );
  if (usable.length < 3) throw noPath(`a path needs 3 relays, and the network has ${String(usable.length)}`);
  return usable;
}

function exitCandidates(request: PathRequest, usable: readonly RelayEntry[]): readonly RelayEntry[] {
  const kept = keptGuard(request);
  const exits = usable.filter(({ flags }) => flags.has("Exit") && !flags.has("BadExit"));
  if (exits.length === 0) throw noPath("no relay in the network is an exit");
  const allowing = allowingTarget(exits, request.target);
  if (allowing.length === 0) throw noPath(`no exit ${allowsTarget(request)}`);
  const untried = allowing.filter(({ descriptor }) => !request.avoidExits?.has(descriptor.identity));
  if (untried.length === 0) throw noPath(`every exit that ${allowsTarget(request)} has been tried`);
  const fitting = untried.filter((exit) => !kept || mayShareCircuit(kept, exit));
  if (fitting.length > 0) return fitting;
  throw noPath(`every exit that ${allowsTarget(request)} is the guard itself, or of its family or network`);
}

function allowingTarget(exits: readonly RelayEntry[], { port, ipv6 }: PathTarget): readonly RelayEntry[] {
  if (port === undefined) return exits;
  const summaryOf = ({ descriptor }: RelayEntry): string => (ipv6 ? descriptor.policy6 : descriptor.policy4);
  // Thousands of exits share a few policies: each text is read once.
  const texts = [...new Set(exits.map(summaryOf))];
  const allowing = new Set(texts.filter((text) => PolicySummary.parse(text).allows(port)));
  return exits.filter((exit) => allowing.has(summaryOf(exit)));
}

function guardCandidates(request: PathRequest, usable: readonly RelayEntry[]): readonly RelayEntry[] {
  const kept = keptGuard(request);
  if (kept && usable.includes(kept)) return [kept];
  if (request.guard !== undefined) throw noPath("the guard is not listed as running, or to be avoided");
  const flagged = usable.filter(({ flags }) => flags.has("Guard"));
  const anyListed = request.consensus.relays.some(({ flags }) => flags.has("Guard") && flags.has("Running"));
  return anyListed ? flagged : usable;
}

function keptGuard({ consensus, guard }: PathRequest): RelayEntry | undefined {
  return guard === undefined ? undefined : consensus.relaysById.get(guard);
}

function chooseMiddle(
  { consensus, random }: PathRequest,
  usable: readonly RelayEntry[],
  others: readonly RelayEntry[],
): RelayEntry | undefined {
  const fitting = usable.filter((relay) => others.every((other) => mayShareCircuit(relay, other)));
  return chooseWeighted(random, fitting, (relay) => positionWeight("middle", relay, consensus.weights));
}

function inOrder(
  { consensus, random }: PathRequest,
  position: Position,
  relays: readonly RelayEntry[],
): Iterable<RelayEntry> {
  const weightOf = (relay: RelayEntry): number => positionWeight(position, relay, consensus.weights);
  return weightedOrder(random, relays, { weightOf, limit: MAX_DRAWS });
}

function allowsTarget({ target: { port, ipv6 } }: PathRequest): string {
  if (port === undefined) return "is usable";
  return `allows port ${String(port)}${ipv6 ? " over IPv6" : ""}`;
}

function noFit(request: PathRequest): TaborError {
  const missing =
    request.guard === undefined ? "guard and middle differ" : "middle differs from it and the guard";
  return noPath(`no exit that ${allowsTarget(request)} is left whose ${missing} in family and network`);
}

function noPath(why: string): TaborError {
  return new TaborError("no-path", "directory", why);
}
