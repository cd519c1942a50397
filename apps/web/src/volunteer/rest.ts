import type { Hours, OwnLimits } from "./settings.ts";

/** What the browser tells of where it runs. Undefined: it does not. */
export interface Surroundings {
  readonly isOnline: boolean;
  readonly isMetered: boolean | undefined;
  readonly isOnBattery: boolean | undefined;
  /** The browser has stopped, or is about to stop, whatever this page does. */
  readonly isFrozen: boolean;
}

/** Why a relay that is switched on does not run just now. */
export type RestReason = "frozen" | "offline" | "metered" | "battery" | "hours" | "data";

export function restReason(
  limits: OwnLimits,
  { isFrozen, isOnline, isMetered, isOnBattery }: Surroundings,
  hour: number,
): Exclude<RestReason, "data"> | undefined {
  if (isFrozen) return "frozen";
  if (!isOnline) return "offline";
  if (isMetered === true && !limits.onMetered) return "metered";
  if (isOnBattery === true && !limits.onBattery) return "battery";
  return limits.hours !== undefined && !isWithin(limits.hours, hour) ? "hours" : undefined;
}

function isWithin({ from, to }: Hours, hour: number): boolean {
  return from < to ? from <= hour && hour < to : from <= hour || hour < to;
}
