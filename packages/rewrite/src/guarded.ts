import { TaborError } from "@tabor/onion-core";

/** Runs what works on hostile text; whatever goes wrong there, this page cannot be shown. @throws TaborError only. */
export function guarded<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof TaborError) throw thrown;
    throw new TaborError("malformed", "site", `this ${what} cannot be rewritten`, { cause: thrown });
  }
}
