import type { DirectoryState } from "./standing-session.ts";

/** How a peer stands with its network, given how it stands with each server: as well as with the best of them. */
export function stateOfAll(states: readonly DirectoryState[]): DirectoryState {
  const joined = states.filter((state) => state.phase === "joined");
  const [first] = joined;
  if (first !== undefined) {
    const isWell = joined.some(({ problem }) => problem === undefined);
    return isWell ? { ...first, problem: undefined } : first;
  }
  const underWay = states.find(({ phase }) => phase === "authenticating") ?? states.find(isConnecting);
  if (underWay !== undefined) return underWay;
  const lost = states.filter((state) => state.phase === "lost");
  return lost.sort((a, b) => a.retryIn - b.retryIn)[0] ?? { phase: "connecting" };
}

function isConnecting({ phase }: DirectoryState): boolean {
  return phase === "connecting";
}
