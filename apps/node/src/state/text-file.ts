import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "../net/system-error.ts";

/** @returns undefined if there is no such file. */
export async function loadText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

/** Written, for its owner alone, beside and renamed, so that a crash leaves the old text or the new one. */
export async function saveText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.new`;
  await writeFile(beside, text, { mode: 0o600 });
  await rename(beside, path);
}
