/** The numbers of SPEC §10.3, which are those of Tor's guard specification. Durations in milliseconds. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const MIN_SAMPLE = 20;
export const MAX_SAMPLE = 60;
/** Of all relays that may become guards. */
export const MAX_SAMPLE_SHARE = 0.2;
export const PRIMARY_GUARDS = 3;
export const LIFETIME = 120 * DAY;
export const CONFIRMED_LIFETIME = 60 * DAY;
export const UNLISTED_LIFETIME = 20 * DAY;
/** How far dates may be moved back before they are kept, so that they do not tell when somebody was online. */
export const BLUR = { added: LIFETIME / 10, confirmed: LIFETIME / 10, unlisted: UNLISTED_LIFETIME / 5 };
/** After this time without a success, the network is taken to have been away rather than the guards. */
export const INTERNET_LIKELY_DOWN = 10 * MINUTE;
/** How long a circuit that is under way over a better guard holds back one that is built. */
export const BETTER_GUARD_PATIENCE = 15_000;
/** How long a built circuit waits for what becomes of the better guards. */
export const MAX_WAITING = 10 * MINUTE;

/** When a guard that did not answer is tried again: by how long it has been failing. */
const RETRY = [
  { failingFor: 6 * HOUR, primary: 10 * MINUTE, other: HOUR },
  { failingFor: 4 * DAY, primary: 90 * MINUTE, other: 4 * HOUR },
  { failingFor: 7 * DAY, primary: 4 * HOUR, other: 18 * HOUR },
];
const LAST_RETRY = { primary: 9 * HOUR, other: 36 * HOUR };

/** @param failingFor milliseconds since the first failure. @returns milliseconds from the last try to the next. */
export function retryAfter(failingFor: number, isPrimary: boolean): number {
  const { primary, other } = RETRY.find((step) => failingFor <= step.failingFor) ?? LAST_RETRY;
  return isPrimary ? primary : other;
}
