import type { Linker } from "./linker.ts";
import type { Pulse } from "./pulse.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import type { Clock } from "../ports/clock.ts";
import { randomBelow, randomFraction, type Random } from "../ports/random.ts";

/** How long one link may be all that there is, in milliseconds: its other end could keep us from the rest. */
const LONELY_MS = 20_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 10_000;
/** Links from which on nothing is asked of the broker here. */
const ENOUGH = 2;
/** Relays that everybody meets at; who finds none of them takes any. */
const MEETING_POINTS = 3;

export interface FirstLinksInit {
  readonly linker: Linker;
  /** Those to link to, in the order of SPEC §9.5, without this relay. */
  readonly others: () => readonly RelayEntry[];
  readonly isLinked: (relay: RelayEntry) => boolean;
  /** Beats when links or relays have changed. */
  readonly pulse: Pulse;
  readonly clock: Clock;
  readonly random: Random;
}

/** Keeps a relay from being alone: through the broker, since nothing else is left (SPEC §9.5). Ends when `signal` aborts and the pulse beats. */
export async function keepFirstLinks(init: FirstLinksInit, signal: AbortSignal): Promise<void> {
  const { linker, pulse, clock, random } = init;
  let failures = 0;
  let lonelySince: number | undefined;
  while (!signal.aborted) {
    const { links, candidates } = look(init);
    lonelySince = links === 1 ? (lonelySince ?? clock.monotonic()) : undefined;
    const wait = lonelySince === undefined ? 0 : lonelySince + LONELY_MS - clock.monotonic();
    const contact = choose(candidates, failures, random);
    if (links >= ENOUGH || contact === undefined) {
      failures = 0;
      await pulse.next();
    } else if (wait > 0) await pulse.next(wait);
    else if (await linker.link(contact, undefined)) failures = 0;
    else {
      failures += 1;
      await pulse.next(retryMs(failures, random));
    }
  }
}

function look({ linker, others, isLinked }: FirstLinksInit) {
  const relays = others();
  const candidates = relays.filter((relay) => !isLinked(relay));
  return { links: relays.length - candidates.length, candidates: linker.hasRoom ? candidates : [] };
}

/** The meeting points first, in their order. */
function choose(candidates: readonly RelayEntry[], failures: number, random: Random): RelayEntry | undefined {
  if (failures < MEETING_POINTS || candidates.length === 0) return candidates[failures] ?? candidates[0];
  return candidates[randomBelow(random, candidates.length)];
}

/** Spread, so that a restart does not bring everybody at once. */
function retryMs(failures: number, random: Random): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS) * (0.5 + randomFraction(random));
}
