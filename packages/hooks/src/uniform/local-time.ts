/** Whether a text names its zone, or is a date alone in ISO's form, which is UTC (ECMAScript §21.4.1.32). */
export function namesZone(written: string): boolean {
  const trimmed = written.trim();
  if (/^(?:[+-]\d{6}|\d{4})(?:-\d\d(?:-\d\d)?)?$/.test(trimmed)) return true;
  return /(?:Z|[+-]\d\d:?\d\d|\b(?:UTC?|GMT|[ECMP][SD]T)(?:\s*[+-]\s*\d{1,4})?)(?:\s*\([^()]*\))?$/i.test(
    trimmed,
  );
}

/** A text without a zone, to be read as UTC by a parser that takes its own zone where there is none. */
export function inUtc(written: string): string {
  if (namesZone(written)) return written;
  return /^(?:[+-]\d{6}|\d{4})-\d\d-\d\dT[\d:.,]+$/.test(written.trim())
    ? `${written.trim()}Z`
    : `${written} UTC`;
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** ECMAScript §21.4.4.41.2, DateString. */
export function dateString(at: Date): string {
  const year = at.getUTCFullYear();
  const years = `${year < 0 ? "-" : ""}${String(Math.abs(year)).padStart(4, "0")}`;
  return `${DAYS[at.getUTCDay()] ?? ""} ${MONTHS[at.getUTCMonth()] ?? ""} ${two(at.getUTCDate())} ${years}`;
}

/** TimeString and TimeZoneString. */
export function timeString(at: Date): string {
  const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(":");
  return `${time} GMT+0000 (Coordinated Universal Time)`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
