import type { GuardStore } from "@tabor/onion-core";
import { loadText, saveText } from "./text-file.ts";

/** A client's guards in a text file that nobody else may read; who deletes it draws new guards. */
export function guardFile(path: string): GuardStore {
  return {
    load: () => loadText(path),
    save: (text) => saveText(path, text),
  };
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
