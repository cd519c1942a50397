/**
 * What a measurer has found out about relays, as it hands it to its authority (SPEC §8.7): a text, like Tor's bandwidth files.
 *
 *     tabor-measurements 1 WRITTEN-AT
 *     IDENTITY answers|silent KIB/S@AT,KIB/S@AT,…
 */

import { parseRelayId, type RelayId } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";

/** What a relay carried, once. */
export interface Measurement {
  /** KiB/s, whole, 1…2^32−2. */
  readonly rate: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

export interface RelayMeasurements {
  /** Whether circuits through it work. */
  readonly answers: boolean;
  /** Oldest first, at most `MAX_MEASUREMENTS`. */
  readonly results: readonly Measurement[];
}

export interface Measurements {
  /** Milliseconds since the Unix epoch. */
  readonly writtenAt: number;
  /** Those that have been tried since they joined. */
  readonly relays: ReadonlyMap<RelayId, RelayMeasurements>;
}

/** What an authority knows of a relay by its measurer. */
export interface RelayStanding {
  /** Whether it answers; undefined if nobody asks, so that nobody is dropped because a measurer has stopped. */
  readonly answers: boolean | undefined;
  /** KiB/s, undefined if not measured of late. */
  readonly measured: number | undefined;
}

/** Results of a relay that are kept. */
export const MAX_MEASUREMENTS = 5;
const RESULT_LIFE_MS = 24 * 3_600_000;
/** A measurer that has written nothing for this long is away. It writes every 30 s. */
const AWAY_MS = 120_000;
const MAX_RATE = 0xffff_fffe;
const MAX_TIME = 2 ** 53 - 1;
const HEADER = /^tabor-measurements 1 (\d{1,16})$/;
const LINE = /^(\S{43}) (answers|silent) (-|\d{1,10}@\d{1,16}(?:,\d{1,10}@\d{1,16}){0,4})$/;

export function encodeMeasurements({ writtenAt, relays }: Measurements): string {
  const lines = [...relays].map(([id, { answers, results }]) => {
    const said = results.map(({ rate, at }) => `${String(rate)}@${String(at)}`).join(",");
    return `${id} ${answers ? "answers" : "silent"} ${said === "" ? "-" : said}\n`;
  });
  return `tabor-measurements 1 ${String(writtenAt)}\n${lines.join("")}`;
}

/** @throws malformed. */
export function decodeMeasurements(text: string): Measurements {
  const [first = "", ...lines] = text.split("\n");
  const writtenAt = wholeNumber(HEADER.exec(first)?.[1], MAX_TIME);
  if (lines.pop() !== "") throw malformed("the last line is not whole");
  const relays = new Map<RelayId, RelayMeasurements>();
  for (const line of lines) {
    const [, name = "", state, results = ""] = LINE.exec(line) ?? [];
    const id = parseRelayId(name);
    if (relays.has(id)) throw malformed("a relay comes twice");
    relays.set(id, { answers: state === "answers", results: readResults(results) });
  }
  return { writtenAt, relays };
}

/** Whether there is a measurer that writes. @param now milliseconds since the Unix epoch. */
export function isAtWork(measurements: Measurements | undefined, now: number): measurements is Measurements {
  return measurements !== undefined && now - measurements.writtenAt < AWAY_MS;
}

/** @param now milliseconds since the Unix epoch. */
export function standingOf(
  measurements: Measurements | undefined,
  relay: RelayId,
  now: number,
): RelayStanding {
  const known = measurements?.relays.get(relay);
  const recent = recentResults(known?.results ?? [], now);
  return {
    answers: isAtWork(measurements, now) ? known?.answers === true : undefined,
    measured: whatCounts(recent.map(({ rate }) => rate)),
  };
}

export function recentResults(results: readonly Measurement[], now: number): readonly Measurement[] {
  return results.filter(({ at }) => now - at < RESULT_LIFE_MS);
}

/**
 * The second best, of one or two the best: who is slow beside a relay cannot have it measured for less, and who helps it to be
 * measured for more must do so twice.
 */
function whatCounts(rates: readonly number[]): number | undefined {
  const [best, second] = [...rates].sort((a, b) => b - a);
  return rates.length < 3 ? best : second;
}

function readResults(text: string): readonly Measurement[] {
  if (text === "-") return [];
  return text.split(",").map((result) => {
    const [rate, at] = result.split("@");
    return { rate: wholeNumber(rate, MAX_RATE), at: wholeNumber(at, MAX_TIME) };
  });
}

function wholeNumber(text: string | undefined, most: number): number {
  const value = Number(text);
  if (text === undefined || value > most) throw malformed("a number is missing, or too large");
  return value;
}

function malformed(why: string): TaborError {
  return new TaborError("malformed", "here", `measurements: ${why}`);
}
