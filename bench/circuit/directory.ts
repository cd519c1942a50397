import { parseRelayId, verifyConsensus, type Consensus, type DirectorySource } from "@tabor/onion-core";
import { onParent } from "./parent.ts";

/** The consensus that the process which runs the measurement hands to all others. */
export function receivedDirectory(): DirectorySource {
  const listeners = new Set<(consensus: Consensus) => void>();
  let current: Consensus | undefined;
  onParent("consensus", ({ bytes, authority }) => {
    void verifyConsensus(bytes, { authorities: [parseRelayId(authority)], now: Date.now() }).then(
      (consensus) => {
        current = consensus;
        for (const listener of listeners) listener(consensus);
      },
    );
  });
  return {
    get current() {
      return current;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
