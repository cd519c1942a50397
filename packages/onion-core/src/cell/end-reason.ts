/** Why a stream ended (SPEC §7.3), with Tor's numbers; from 32 on, our own. */
export const END_REASONS = {
  misc: 1,
  "resolve-failed": 2,
  "connection-refused": 3,
  "exit-policy": 4,
  destroyed: 5,
  done: 6,
  timeout: 7,
  "no-route": 8,
  hibernating: 9,
  internal: 10,
  "resource-limit": 11,
  "connection-reset": 12,
  protocol: 13,
  unreadable: 32,
  redirected: 33,
} as const;

export type EndReason = keyof typeof END_REASONS;

const BY_NUMBER = new Map<number, EndReason>(
  Object.entries(END_REASONS).map(([name, number]) => [number, name as EndReason]),
);

/** An unknown number is read as `misc` (SPEC §7.3). */
export function endReasonFromNumber(number: number): EndReason {
  return BY_NUMBER.get(number) ?? "misc";
}
