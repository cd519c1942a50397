import { open, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Replaces a file, for its owner alone: whenever power fails, there is all of the old one or all of the new one. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  await writeFile(fresh, text, { mode: 0o600, flush: true });
  await rename(fresh, path);
  await settle(dirname(path));
}

/** What was done in a folder outlasts a loss of power. */
export async function settle(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
