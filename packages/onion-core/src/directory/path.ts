/**
 * Choosing the relays of a circuit (SPEC §10.1): the client's guard, then an exit that goes with it, then a middle. Whoever took the exit
 * first would now and then need another guard for it, and over a month most clients would have used several. A relay is
 * taken only if it leaves some for the later positions, so that a path is found where one exists.
 */

import { compareBytes } from "../bytes/compare.ts";
import type { RelayId } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";
import type { Random } from "../ports/random.ts";
import type { Consensus, RelayEntry } from "./consensus.ts";
import { mayLink } from "./nat.ts";
import { allowingTarget, PathTable, type PathTarget, type Tier } from "./path-table.ts";

export interface PathRequest {
  readonly consensus: Consensus;
  readonly random: Random;
  readonly target: PathTarget;
  /** Which of the client's guards to use, among those that some exit and middle go with; undefined: none of them does. */
  readonly guard: (fits: (relay: RelayEntry) => boolean) => RelayEntry | undefined;
  /** Relays that may not be in the path. */
  readonly avoid?: ReadonlySet<RelayId> | undefined;
  /** The only relay that may be its exit, for a circuit that joins another there. */
  readonly exit?: RelayId | undefined;
  /** Relays that may not be its exit: they refused this target, or failed with it. */
  readonly avoidExits?: ReadonlySet<RelayId> | undefined;
}

/** Three hops: guard, middle, exit. @throws no-path with a sentence that says what the network lacks. */
export function choosePath(request: PathRequest): readonly RelayEntry[] {
  for (const tier of PathTable.of(request.consensus).tiers(request.target)) {
    const path = pathOf(request, tier);
    if (path !== undefined) return path;
  }
  throw noPath(whatIsMissing(request));
}

/** Whether two relays may be in one path: not the same, nor of one family, nor seen in one network (SPEC §10.1). */
export function mayShareCircuit(a: RelayEntry, b: RelayEntry): boolean {
  const [idA, idB] = [a.descriptor.identity, b.descriptor.identity];
  if (idA === idB) return false;
  if (a.descriptor.family.includes(idB) && b.descriptor.family.includes(idA)) return false;
  return a.network.length === 0 || compareBytes(a.network, b.network) !== 0;
}

/** Whether two relays may be in one path, one after the other: they must be able to link, too (SPEC §9.5). */
export function mayBeNeighbours(a: RelayEntry, b: RelayEntry): boolean {
  return mayShareCircuit(a, b) && mayLink(a.descriptor.nat, b.descriptor.nat);
}

/** Whether a relay is an exit of the kind that the target needs, and its summary allows it. */
export function exitAllows(exit: RelayEntry, target: PathTarget): boolean {
  const kind = target.fetch === true ? "Fetch" : "Exit";
  return exit.flags.has(kind) && allowingTarget([exit], target).length > 0;
}

function pathOf(request: PathRequest, { exits, middles }: Tier): readonly RelayEntry[] | undefined {
  const { random, avoid, avoidExits, exit: onlyExit } = request;
  const mayBeMiddle = (relay: RelayEntry, guard: RelayEntry, exit: RelayEntry): boolean =>
    !has(avoid, relay) && [guard, exit].every((other) => mayBeNeighbours(relay, other));
  const mayBeExit = (relay: RelayEntry, guard: RelayEntry): boolean =>
    !has(avoid, relay) &&
    !has(avoidExits, relay) &&
    (onlyExit === undefined || relay.descriptor.identity === onlyExit) &&
    mayShareCircuit(relay, guard) &&
    middles.items.some((middle) => mayBeMiddle(middle, guard, relay));
  const guard = request.guard(
    (relay) => !has(avoid, relay) && exits.items.some((exit) => mayBeExit(exit, relay)),
  );
  if (guard === undefined) return undefined;
  const exit = exits.drawFitting(random, (relay) => mayBeExit(relay, guard));
  const middle = exit && middles.drawFitting(random, (relay) => mayBeMiddle(relay, guard, exit));
  return exit && middle && [guard, middle, exit];
}

function has(ids: ReadonlySet<RelayId> | undefined, relay: RelayEntry): boolean {
  return ids?.has(relay.descriptor.identity) === true;
}

function whatIsMissing(request: PathRequest): string {
  const { consensus, avoid, avoidExits, target } = request;
  const table = PathTable.of(consensus);
  const count = table.usable.filter((relay) => !has(avoid, relay)).length;
  if (count < 3) return `a path needs 3 relays, and the network has ${String(count)}`;
  const exits = table.exitsFor(target).filter((relay) => !has(avoid, relay));
  if (exits.length === 0) return `no relay in the network is an exit${target.fetch ? " that fetches" : ""}`;
  const allowing = allowingTarget(exits, target);
  if (allowing.length === 0) return `no exit ${allowsTarget(request)}`;
  if (allowing.every((relay) => has(avoidExits, relay)))
    return `every exit that ${allowsTarget(request)} has been tried`;
  return `no exit that ${allowsTarget(request)} is left whose guard and middle differ in family and network, and can link to it`;
}

function allowsTarget({ target: { port, ipv6 } }: PathRequest): string {
  if (port === undefined) return "is usable";
  return `allows port ${String(port)}${ipv6 ? " over IPv6" : ""}`;
}

function noPath(why: string): TaborError {
  return new TaborError("no-path", "directory", why);
}
