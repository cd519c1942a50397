import { systemClock, systemRandom } from "@tabor/platform";
import { stderrLog } from "@tabor/platform/stderr-log";
import type { PeerDeps } from "../peer/network.ts";

/** The real clock and randomness, and a log on stderr. */
export function programDeps(logLevel: string): PeerDeps {
  return { clock: systemClock, random: systemRandom, log: stderrLog(logLevel) };
}
