/** What a claim is worth where relays are measured (SPEC §8.2): whoever boasts, or has just come, draws next to no traffic. */

/** KiB/s at most for who has not been measured (Tor: `maxunmeasuredbw`). */
export const UNMEASURED_WEIGHT = 20;
/** Relays that an authority must have measured for that to hold: fewer say nothing of the others. */
const LEAST_MEASURED = 3;

/** Whether an authority measures relays, by what it says of each. */
export function isMeasuring(relays: readonly { readonly measured?: number | undefined }[]): boolean {
  return relays.filter(({ measured }) => measured !== undefined).length >= LEAST_MEASURED;
}
