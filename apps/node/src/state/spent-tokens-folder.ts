import { appendFile, mkdir, readdir, readFile, truncate, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { SpentToken, SpentTokens } from "@tabor/blind-tokens";

const NONCE_LENGTH = 32;
const NAME = /^([0-9a-f]{64})\.(\d{1,15})$/;

/**
 * What was spent at a relay (SPEC §9.7): a file for each key of tokens, called KEY.UNTIL, of their nonces one after another. Files
 * of keys that are over at `now` are deleted.
 */
export async function keptSpentTokens(folder: string, now: number): Promise<SpentTokens> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const before: SpentToken[] = [];
  for (const name of await readdir(folder)) {
    const [, key, until] = NAME.exec(name) ?? [];
    if (key === undefined) continue;
    const path = join(folder, name);
    if (Number(until) <= now) await unlink(path);
    else for (const nonce of await noncesIn(path)) before.push({ key, until: Number(until), nonce });
  }
  return {
    before,
    keep: ({ key, until, nonce }) =>
      appendFile(join(folder, `${key}.${String(until)}`), Buffer.from(nonce, "hex"), {
        mode: 0o600,
        flag: "as",
      }),
  };
}

async function noncesIn(path: string): Promise<readonly string[]> {
  const bytes = await readFile(path);
  const whole = bytes.length - (bytes.length % NONCE_LENGTH);
  // Of one that a crash cut short nobody was let in; what is added comes after the others.
  if (whole < bytes.length) await truncate(path, whole);
  const text = bytes.toString("hex", 0, whole);
  return text.match(/.{64}/g) ?? [];
}
