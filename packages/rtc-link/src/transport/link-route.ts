import type { DataChannel } from "@tabor/onion-core";

/** Whether a TURN server is between two peers. */
export type LinkRoute = "direct" | "turn";

/** A data channel that says which way it takes. */
export interface RoutedChannel extends DataChannel {
  /** As it is now: ICE may find a better one. Undefined: the browser does not say, or it has ended. */
  readonly route: () => LinkRoute | undefined;
  /** Settles when it is over. */
  readonly closed: Promise<void>;
}

type Connection = Pick<RTCPeerConnection, "sctp">;

/** By the pair of candidates that ICE has selected. @param relayed addresses that TURN servers lend the peer. */
export function linkRoute(connection: Connection, relayed: ReadonlySet<string>): LinkRoute | undefined {
  const pair = connection.sctp?.transport.iceTransport.getSelectedCandidatePair();
  if (!pair) return undefined;
  const { local, remote } = pair;
  // Whoever is asked from an address before it was told of it takes it for one of another type: "prflx".
  const isRelayed = remote.type === "relay" || relayed.has(addressOf(remote.address, remote.port));
  return local.type === "relay" || isRelayed ? "turn" : "direct";
}

const RELAY_CANDIDATE = /^a=candidate:\S+ \d+ \S+ \d+ (\S+) (\d+) typ relay\b/gm;

/** The addresses of TURN servers that a session description names. */
export function relayAddresses(sdp: string): ReadonlySet<string> {
  const found = [...sdp.matchAll(RELAY_CANDIDATE)];
  return new Set(found.map(([, address = "", port]) => addressOf(address, Number(port))));
}

function addressOf(address: string | null, port: number | null): string {
  return `${address ?? ""} ${String(port)}`;
}
