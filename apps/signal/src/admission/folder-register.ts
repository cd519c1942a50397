/**
 * Members and invitations as files, so that the operator's command line and a running directory share them without a lock:
 *
 *     members/KEY      a registered key
 *     invites/HASH     an invitation that nobody has used; HASH is the SHA-256 of its code
 *
 * To register is to link a file into place, to revoke is to remove it, and to redeem a code is to *rename* its file to the
 * key's. Each is one step of the file system: of two who bring a code one wins, and a crash leaves no half of anything.
 */
import { createHash, randomUUID } from "node:crypto";
import { type FSWatcher, watch } from "node:fs";
import { access, link, mkdir, readdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Cancel,
  type Clock,
  parseRelayId,
  type Random,
  randomBytes,
  type RelayId,
} from "@tabor/onion-core";
import { INVITE_LENGTH, inviteText } from "@tabor/signal-protocol";
import { settle } from "../files.ts";
import { type Note, noteText, readNote } from "./note.ts";
import type { RegisteredMember, Register } from "./register.ts";

const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

export class FolderRegister implements Register {
  readonly #members: string;
  readonly #invites: string;
  readonly #clock: Clock;
  readonly #listeners = new Set<(key: RelayId) => void>();
  #watcher: FSWatcher | undefined;

  private constructor(stateFolder: string, clock: Clock) {
    this.#members = join(stateFolder, "members");
    this.#invites = join(stateFolder, "invites");
    this.#clock = clock;
  }

  static async open(stateFolder: string, clock: Clock): Promise<FolderRegister> {
    const register = new FolderRegister(stateFolder, clock);
    for (const folder of [register.#members, register.#invites]) {
      await mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
    }
    return register;
  }

  has(key: RelayId): Promise<boolean> {
    return exists(this.#memberPath(key));
  }

  /** @returns false for a key that is registered already. */
  async add(key: RelayId, name: string): Promise<boolean> {
    const isNew = await create(this.#memberPath(key), { name, made: this.#clock.now(), expires: undefined });
    await settle(this.#members);
    return isNew;
  }

  /** @returns false for a key that is not registered. */
  async revoke(key: RelayId): Promise<boolean> {
    const was = await succeeds(unlink(this.#memberPath(key)), "ENOENT");
    await settle(this.#members);
    return was;
  }

  async list(): Promise<readonly RegisteredMember[]> {
    const members: RegisteredMember[] = [];
    for (const name of await readdir(this.#members)) {
      const key = keyOf(name);
      const note = key === undefined ? undefined : await noteAt(this.#memberPath(key));
      if (key !== undefined && note !== undefined) members.push({ key, name: note.name, since: note.made });
    }
    return members.sort((a, b) => a.since - b.since || (a.key < b.key ? -1 : 1));
  }

  /** @param name what the operator will find in the list. @param life milliseconds. @returns the code, 22 characters. */
  async invite({ random, name, life }: { random: Random; name: string; life: number }): Promise<string> {
    const code = randomBytes(random, INVITE_LENGTH);
    const made = this.#clock.now();
    await create(this.#invitePath(code), { name, made, expires: made + life });
    await settle(this.#invites);
    return inviteText(code);
  }

  /** Looked up by its hash, which whoever guesses cannot steer: how long it takes tells nothing of a code. */
  async redeem(code: Uint8Array, key: RelayId): Promise<boolean> {
    const path = this.#invitePath(code);
    const note = await noteAt(path);
    if (note?.expires === undefined || note.expires <= this.#clock.now()) return false;
    const isFirst = await succeeds(rename(path, this.#memberPath(key)), "ENOENT");
    await settle(this.#members);
    return isFirst;
  }

  onRevoked(listener: (key: RelayId) => void): Cancel {
    this.#listeners.add(listener);
    this.#watcher ??= watch(this.#members, { persistent: false }, (_event, name) => {
      const key = name === null ? undefined : keyOf(name);
      if (key !== undefined) void this.#changed(key);
    });
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#watcher?.close();
      this.#watcher = undefined;
    };
  }

  async #changed(key: RelayId): Promise<void> {
    // A file that cannot be looked for counts as gone: its member comes back if it is not.
    if (await this.has(key).catch(() => false)) return;
    for (const listener of [...this.#listeners]) listener(key);
  }

  #memberPath(key: RelayId): string {
    return join(this.#members, key);
  }

  #invitePath(code: Uint8Array): string {
    return join(this.#invites, createHash("sha256").update(code).digest("hex"));
  }
}

/** Other files may lie there: one that is being written, or what a person put there. */
function keyOf(name: string): RelayId | undefined {
  try {
    return parseRelayId(name);
  } catch {
    return undefined;
  }
}

function exists(path: string): Promise<boolean> {
  return succeeds(access(path), "ENOENT");
}

async function noteAt(path: string): Promise<Note | undefined> {
  try {
    return readNote(await readFile(path, "utf8"));
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Written beside and linked into place. @returns false if there is such a file. */
async function create(path: string, note: Note): Promise<boolean> {
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, noteText(note), { mode: OWNER_ONLY, flag: "wx", flush: true });
  try {
    return await succeeds(link(beside, path), "EEXIST");
  } finally {
    await unlink(beside);
  }
}

/** Whether it succeeds; false for the failure that is expected. */
async function succeeds(action: Promise<void>, expected: string): Promise<boolean> {
  try {
    await action;
    return true;
  } catch (error) {
    if (isCode(error, expected)) return false;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
