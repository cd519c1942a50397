import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  concat,
  generateSigningKey,
  importSigningKey,
  type SigningKey,
  TaborError,
  verifySignature,
} from "@tabor/onion-core";

/** Seed (32), then public key (32). */
const FILE_NAME = "authority.key";
const SEED_LENGTH = 32;
const FILE_LENGTH = 64;

/**
 * The authority's key, which clients are configured with: read from the state folder, or made there once, readable
 * by its owner alone.
 * @throws malformed for a file that holds no such key.
 */
export async function loadAuthorityKey(stateFolder: string): Promise<SigningKey> {
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  const path = join(stateFolder, FILE_NAME);
  return (await readKey(path)) ?? createKey(path);
}

async function readKey(path: string): Promise<SigningKey | undefined> {
  const bytes = await readIfPresent(path);
  if (bytes === undefined) return undefined;
  if (bytes.length !== FILE_LENGTH) throw damaged(path);
  const key = await importSigningKey(bytes.subarray(0, SEED_LENGTH), bytes.slice(SEED_LENGTH));
  bytes.fill(0, 0, SEED_LENGTH);
  const probe = new Uint8Array(0);
  if (!(await verifySignature(key.publicKey, await key.sign(probe), probe))) throw damaged(path);
  return key;
}

async function readIfPresent(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Written beside and linked into place: a crash leaves no half file, and of two programs that start, one wins. */
async function createKey(path: string): Promise<SigningKey> {
  const { key, seed } = await generateSigningKey();
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, concat(seed, key.publicKey), { mode: 0o600, flag: "wx" });
  seed.fill(0);
  try {
    await link(fresh, path);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return (await readKey(path)) ?? key;
  } finally {
    await unlink(fresh);
  }
}

function damaged(path: string): TaborError {
  return new TaborError("malformed", "here", `${path} holds no authority key`);
}
