import { MAX_SAMPLE } from "./parameters.ts";
import { parseRelayId, type RelayId } from "../../crypto/ids.ts";

/** What is kept of a guard from one session to the next. Dates in milliseconds since the Unix epoch, blurred (SPEC §10.3). */
export interface GuardRecord {
  readonly id: RelayId;
  readonly addedOn: number;
  /** Since when the directory does not list it; undefined: it does. */
  readonly unlistedSince: number | undefined;
  /** When and as which (1, 2, …) a circuit was first built through it. */
  readonly confirmed: { readonly on: number; readonly rank: number } | undefined;
}

const HEADER = "tabor-guards 1";
const NEVER = "-";
const NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;

/**
 * Guards as text, in the order in which they were sampled:
 *
 *     tabor-guards 1
 *     IDENTITY ADDED-ON UNLISTED-SINCE CONFIRMED-ON CONFIRMED-RANK
 *
 * Dates are milliseconds since the Unix epoch, `-` where there is none.
 */
export function encodeGuards(records: readonly GuardRecord[]): string {
  const lines = records.map(({ id, addedOn, unlistedSince, confirmed }) =>
    [id, addedOn, unlistedSince ?? NEVER, confirmed?.on ?? NEVER, confirmed?.rank ?? NEVER].join(" "),
  );
  return [HEADER, ...lines, ""].join("\n");
}

/**
 * Reads what was kept. Each line stands for itself: one that is damaged, says a thing twice, or comes after the sixtieth
 * is left out, since each guard that is lost costs anonymity; another version is no guards at all. Dates in the future, by a clock
 * that was wrong, become now. Never throws.
 */
export function decodeGuards(text: string, now: number): readonly GuardRecord[] {
  const [header, ...lines] = text.slice(0, MAX_LENGTH).split("\n");
  if (header !== HEADER) return [];
  const records = new Map<RelayId, GuardRecord>();
  const ranks = new Set<number>();
  for (const line of lines) {
    const record = decodeLine(line, now);
    if (record === undefined || records.size === MAX_SAMPLE || records.has(record.id)) continue;
    const rank = record.confirmed?.rank;
    if (rank !== undefined && ranks.has(rank)) continue;
    if (rank !== undefined) ranks.add(rank);
    records.set(record.id, record);
  }
  return [...records.values()];
}

/** Of each line and of all. */
const MAX_LINE = 43 + 4 * 17 + 1;
const MAX_LENGTH = HEADER.length + 1 + 2 * MAX_SAMPLE * MAX_LINE;

function decodeLine(line: string, now: number): GuardRecord | undefined {
  const [name = "", ...fields] = line.split(" ");
  const numbers = fields.map(decodeNumber);
  const [addedOn, unlistedSince, on, rank] = numbers;
  if (numbers.length !== 4 || numbers.includes(null) || typeof addedOn !== "number") return undefined;
  if ((on === undefined) !== (rank === undefined)) return undefined;
  const id = decodeId(name);
  if (id === undefined) return undefined;
  const past = (date: number): number => Math.min(date, now);
  return {
    id,
    addedOn: past(addedOn),
    unlistedSince: typeof unlistedSince === "number" ? past(unlistedSince) : undefined,
    confirmed: typeof on === "number" && typeof rank === "number" ? { on: past(on), rank } : undefined,
  };
}

/** Undefined: there is none; null: damaged. */
function decodeNumber(field: string): number | undefined | null {
  if (field === NEVER) return undefined;
  return NUMBER.test(field) && Number.isSafeInteger(Number(field)) ? Number(field) : null;
}

function decodeId(name: string): RelayId | undefined {
  try {
    return parseRelayId(name);
  } catch {
    return undefined;
  }
}
