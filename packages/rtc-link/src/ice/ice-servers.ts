import type { Clock } from "@tabor/onion-core";
import type { NetworkInfo } from "@tabor/signal-protocol";
import type { RtcPlatform } from "../transport/platform.ts";

/** Milliseconds; credentials are good for a day at least (SPEC §9.9). */
const REFRESH_MS = 6 * 3_600_000;
/** After the directory did not answer. */
const RETRY_MS = 10 * 60_000;

type Info = Pick<NetworkInfo, "iceServers">;

/**
 * A network's STUN and TURN servers as they are now. When they have grown old, the next who needs them has them asked for anew, and
 * uses the old ones meanwhile.
 * @param ask what the network is; where that fails, it is asked again later.
 */
export function currentIceServers(
  first: Info,
  { ask, clock }: { readonly ask: () => Promise<Info>; readonly clock: Clock },
): RtcPlatform["iceServers"] {
  let servers = forRtc(first);
  let askAt = clock.monotonic() + REFRESH_MS;
  const refresh = async (): Promise<void> => {
    askAt = clock.monotonic() + RETRY_MS;
    servers = forRtc(await ask());
    askAt = clock.monotonic() + REFRESH_MS;
  };
  return () => {
    if (clock.monotonic() >= askAt) refresh().catch(() => undefined);
    return servers;
  };
}

function forRtc({ iceServers }: Info): readonly RTCIceServer[] {
  return iceServers.map((server) => ({ ...server, urls: [...server.urls] }));
}
