import type { NatClass } from "@tabor/onion-core";

/** What is read of a candidate of a session description (RFC 8839 §5.1). */
export interface GatheredCandidate {
  readonly type: string;
  /** With its port. */
  readonly address: string;
  /** Of the socket, where it is told; 0 where it is hidden. */
  readonly relatedPort: number;
  readonly foundation: string;
}

const CANDIDATE = /^a=candidate:(\S+) \d+ \S+ \d+ (\S+ \d+) typ (\w+)(?:.* rport (\d+))?/gm;

export function candidatesIn(sdp: string): readonly GatheredCandidate[] {
  return [...sdp.matchAll(CANDIDATE)].map(([, foundation = "", address = "", type = "", port = "0"]) => ({
    ...{ type, address, foundation, relatedPort: Number(port) },
  }));
}

/** Whether all servers see the same address, as far as they were asked; undefined: too few were. */
export type Mapping = "independent" | "dependent" | undefined;

/** @param seen what each of several servers saw, all asked from one socket: "192.0.2.1:32853". */
export function mappingSeen(seen: readonly string[]): Mapping {
  if (seen.length < 2) return undefined;
  return new Set(seen).size === 1 ? "independent" : "dependent";
}

/**
 * Browsers ask from one socket for each of their addresses, and tell of each outer address once: so one alone stands for all
 * servers that were asked.
 * @param answered how many different servers were asked and did not fail.
 */
export function mappingGathered(candidates: readonly GatheredCandidate[], answered: number): Mapping {
  const bySocket = new Map<string, Set<string>>();
  for (const { type, address, relatedPort, foundation } of candidates) {
    if (type !== "srflx") continue;
    // Where the inner address is hidden, candidates of one address have one foundation (RFC 8445 §5.1.1.3).
    const socket = relatedPort > 0 ? `port ${String(relatedPort)}` : `foundation ${foundation}`;
    bySocket.set(socket, (bySocket.get(socket) ?? new Set()).add(address));
  }
  const outer = [...bySocket.values()];
  if (outer.some(({ size }) => size > 1)) return "dependent";
  return outer.length > 0 && answered >= 2 ? "independent" : undefined;
}

/** @param hasRelay whether a TURN server lends an address. */
export function natClass(mapping: Mapping, hasRelay: boolean): NatClass {
  switch (mapping) {
    case undefined:
      return "unknown";
    case "independent":
      return "easy";
    case "dependent":
      return hasRelay ? "turn" : "hard";
  }
}
