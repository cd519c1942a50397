import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { GuardStore } from "@tabor/onion-core";
import { errorCode } from "../net/system-error.ts";

/** A client's guards in a text file that nobody else may read; who deletes it draws new guards. */
export function guardFile(path: string): GuardStore {
  return {
    load: () => load(path),
    save: (text) => save(path, text),
  };
}

async function load(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

/** Written beside and renamed, so that a crash leaves the old guards or the new ones. */
async function save(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.new`;
  await writeFile(beside, text, { mode: 0o600 });
  await rename(beside, path);
}

/** Guards of a client that keeps nothing. */
export function forgetfulGuards(): GuardStore {
  let guards: string | undefined;
  return {
    load: () => Promise.resolve(guards),
    save: (text) => {
      guards = text;
      return Promise.resolve();
    },
  };
}
