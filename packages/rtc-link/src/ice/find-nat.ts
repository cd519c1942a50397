import type { Clock, NatClass } from "@tabor/onion-core";
import type { RtcPlatform } from "../transport/platform.ts";
import { candidatesIn, type GatheredCandidate, mappingGathered, mappingSeen, natClass } from "./nat-class.ts";

/** Milliseconds for all candidates: browsers give a server that does not answer up about then. */
const GATHERING_DEADLINE_MS = 12_000;

/** What was gathered, and the hosts of servers that failed. */
interface Gathered {
  readonly candidates: readonly GatheredCandidate[];
  readonly failed: ReadonlySet<string>;
  readonly isComplete: boolean;
}

/** What is between us and the others (SPEC §9.9). Never throws: what fails is unknown. */
export async function findNat(platform: RtcPlatform, clock: Clock): Promise<NatClass> {
  const hosts = stunHosts(platform.iceServers());
  // Two ports of one host tell nothing of a NAT that goes by addresses.
  if (hosts.size < 2) return "unknown";
  const [gathered, seen] = await Promise.all([
    gather(platform, clock).catch(() => undefined),
    platform.askStun?.([...hosts.values()]).catch(() => []),
  ]);
  if (gathered === undefined) return "unknown";
  const { candidates, failed, isComplete } = gathered;
  const answered = isComplete ? [...hosts.keys()].filter((host) => !failed.has(host)).length : 0;
  const mapping = seen === undefined ? mappingGathered(candidates, answered) : mappingSeen(seen);
  return natClass(
    mapping,
    candidates.some(({ type }) => type === "relay"),
  );
}

/** Who answers STUN over UDP, by host: STUN servers, and TURN servers too. */
function stunHosts(servers: readonly RTCIceServer[]): ReadonlyMap<string, string> {
  const urls = servers.flatMap(({ urls }) => urls).filter((url) => /^(?:stun|turn):/.test(url));
  const overUdp = urls.filter((url) => !/[?&]transport=tcp/.test(url));
  return new Map(overUdp.map((url) => [hostOf(url), url]));
}

/** "stun:[2001:db8::1]:3478" → "[2001:db8::1]" */
function hostOf(url: string): string {
  return /^\w+:(\[[^\]]*\]|[^:?]*)/.exec(url)?.[1] ?? url;
}

function gather({ wrtc, iceServers }: RtcPlatform, clock: Clock): Promise<Gathered> {
  const connection = new wrtc.RTCPeerConnection({ iceServers: [...iceServers()] });
  const failed = new Set<string>();
  return new Promise<Gathered>((resolve, reject) => {
    const done = (isComplete: boolean): void => {
      cancel();
      // The polyfill tells of the last candidates after it has told that they are complete.
      const candidates = candidatesIn(connection.localDescription?.sdp ?? "");
      connection.close();
      resolve({ candidates, failed, isComplete });
    };
    const cancel = clock.after(GATHERING_DEADLINE_MS, () => {
      done(false);
    });
    connection.addEventListener("icecandidateerror", ({ url }) => {
      failed.add(hostOf(url));
    });
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState === "complete") done(true);
    });
    connection.createDataChannel("nat");
    connection
      .createOffer()
      .then((offer) => connection.setLocalDescription(offer))
      .catch(reject);
  });
}
