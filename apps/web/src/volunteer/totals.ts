import type { DataUsed } from "@tabor/onion-core";

/** What this browser has done for others, kept over restarts. */
export interface VolunteerTotals {
  /** Milliseconds since the Unix epoch; undefined: it never has. */
  readonly since: number | undefined;
  /** Received and sent. */
  readonly bytes: number;
  readonly circuits: number;
  readonly circuitsOfDay: number;
  readonly data: DataUsed;
}

/** The day of a time where the person is: "2026-11-23". */
export function localDay(now: number): string {
  const date = new Date(now);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function noTotals(now: number): VolunteerTotals {
  const data = { day: localDay(now), bytesOfDay: 0, bytesOfMonth: 0 };
  return { since: undefined, bytes: 0, circuits: 0, circuitsOfDay: 0, data };
}

/** What the relay has done since the last time. @param data as the relay counts it. */
export function withMore(
  totals: VolunteerTotals,
  more: { readonly bytes: number; readonly circuits: number; readonly data: DataUsed; readonly now: number },
): VolunteerTotals {
  const isSameDay = totals.data.day === more.data.day;
  return {
    since: totals.since ?? more.now,
    bytes: totals.bytes + more.bytes,
    circuits: totals.circuits + more.circuits,
    circuitsOfDay: (isSameDay ? totals.circuitsOfDay : 0) + more.circuits,
    data: more.data,
  };
}

/** What was stored; if it makes no sense, nothing was done yet. */
export function readTotals(stored: unknown, now: number): VolunteerTotals {
  const { since, bytes, circuits, circuitsOfDay, data } = (stored ?? {}) as Partial<VolunteerTotals>;
  const used: Partial<DataUsed> = data ?? {};
  const numbers = [bytes, circuits, circuitsOfDay, used.bytesOfDay, used.bytesOfMonth];
  if (!numbers.every((value) => typeof value === "number" && value >= 0)) return noTotals(now);
  if (!/^\d{4}-\d\d-\d\d$/.test(used.day ?? "")) return noTotals(now);
  if (since !== undefined && typeof since !== "number") return noTotals(now);
  return stored as VolunteerTotals;
}
