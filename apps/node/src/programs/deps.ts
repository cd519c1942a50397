import { systemClock, systemRandom } from "@tabor/platform";
import type { PeerDeps } from "../peer/network.ts";
import { stderrLog } from "../platform/pino-log.ts";

/** The real clock and randomness, and a log on stderr. */
export function programDeps(logLevel: string): PeerDeps {
  return { clock: systemClock, random: systemRandom, log: stderrLog(logLevel) };
}
