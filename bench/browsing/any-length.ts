/** Takes the place of the client's choice of paths: as many hops as the page asks for, instead of three. */
import type { Consensus, RelayEntry } from "../../packages/onion-core/src/directory/consensus.ts";
import {
  choosePath as chooseUsualPath,
  type PathRequest,
} from "../../packages/onion-core/src/directory/path.ts";

// All else is as it was: what stands here goes before it.
export * from "../../packages/onion-core/src/directory/path.ts";

/** Where the page says it (`hopsScript`). */
const KEY = "tabor-bench-hops";

/** To be run in the page before its own scripts. */
export function hopsScript(hops: number): string {
  return `if (location.host.startsWith("app.")) localStorage.setItem("${KEY}", "${String(hops)}")`;
}

export function choosePath(request: PathRequest): readonly RelayEntry[] {
  if (hops() === 1) {
    request.guard(() => true);
    return [anExit(request.consensus)];
  }
  const [guard, middle, exit] = chooseUsualPath(request);
  if (guard === undefined || middle === undefined || exit === undefined) throw new Error("three hops");
  const others = request.consensus.relays.filter((relay) => ![guard, middle, exit].includes(relay));
  if (others.length < hops() - 3) throw new Error("a network of more relays is needed");
  return [guard, middle, ...others.slice(0, hops() - 3), exit];
}

function anExit({ relays }: Consensus): RelayEntry {
  const exit = relays.find(({ flags }) => flags.has("Exit"));
  if (exit === undefined) throw new Error("no exit");
  return exit;
}

function hops(): number {
  return Number(localStorage.getItem(KEY) ?? 3);
}
