import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { concat, TaborError } from "@tabor/onion-core";
import { errorCode } from "../net/system-error.ts";

/** Both halves of a key pair, 32 bytes each. */
export interface RawKeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

const KEY_LENGTH = 32;

/**
 * The key pair in a file of 64 bytes (private, public), which only its owner can read; made by `create` if there is no
 * such file.
 * @throws malformed if the file holds something else.
 */
export async function keptKeyPair(path: string, create: () => Promise<RawKeyPair>): Promise<RawKeyPair> {
  const kept = await readIfThere(path);
  if (kept !== undefined) return split(kept, path);
  const fresh = await create();
  return (await writeNew(path, concat(fresh.privateKey, fresh.publicKey)))
    ? fresh
    : keptKeyPair(path, create);
}

function split(bytes: Uint8Array, path: string): RawKeyPair {
  if (bytes.length !== 2 * KEY_LENGTH) throw new TaborError("malformed", "here", `${path} holds no key`);
  return { privateKey: bytes.slice(0, KEY_LENGTH), publicKey: bytes.slice(KEY_LENGTH) };
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    // Not a Buffer, of which `slice` is a view.
    return new Uint8Array(await readFile(path));
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

/** Written beside and linked into place: a crash leaves no half file. @returns false if another program was faster. */
async function writeNew(path: string, bytes: Uint8Array): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, bytes, { mode: 0o600, flag: "wx" });
  try {
    await link(beside, path);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === "EEXIST") return false;
    throw thrown;
  } finally {
    await unlink(beside);
  }
}
