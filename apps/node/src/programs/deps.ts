import { safeLog, type LogOptions } from "@tabor/operator";
import { systemClock, systemRandom } from "@tabor/platform";
import { stderrLog } from "@tabor/platform/stderr-log";
import type { PeerDeps } from "../peer/network.ts";

/** The real clock and randomness, and a log on stderr. */
export function programDeps({ logLevel, logFormat, logAddresses }: LogOptions): PeerDeps {
  return {
    clock: systemClock,
    random: systemRandom,
    log: safeLog(stderrLog(logLevel, logFormat), logAddresses),
  };
}
