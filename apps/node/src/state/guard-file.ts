import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseRelayId, type GuardStore, type RelayId } from "@tabor/onion-core";
import { errorCode } from "../net/system-error.ts";

/** A client's guards in a text file, one a line, the first preferred. */
export function guardFile(path: string): GuardStore {
  return {
    load: () => load(path),
    save: (guards) => save(path, guards),
  };
}

/** What is no relay id is passed over: a guard that is lost costs anonymity, a client that does not start costs more. */
async function load(path: string): Promise<readonly RelayId[]> {
  try {
    const text = await readFile(path, "utf8");
    return text.split("\n").flatMap(relayIdIn);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return [];
    throw thrown;
  }
}

function relayIdIn(line: string): readonly RelayId[] {
  try {
    return [parseRelayId(line.trim())];
  } catch {
    return [];
  }
}

/** Written beside and renamed, so that a crash leaves the old guards or the new ones. */
async function save(path: string, guards: readonly RelayId[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.new`;
  await writeFile(beside, guards.map((guard) => `${guard}\n`).join(""), { mode: 0o600 });
  await rename(beside, path);
}

/** Guards of a client that keeps nothing. */
export function forgetfulGuards(): GuardStore {
  let guards: readonly RelayId[] = [];
  return {
    load: () => Promise.resolve(guards),
    save: (chosen) => {
      guards = chosen;
      return Promise.resolve();
    },
  };
}
