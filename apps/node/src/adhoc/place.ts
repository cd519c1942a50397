/** Which of the known hosts this one is, and the folder that it alone uses. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { TaborError } from "@tabor/onion-core";
import { splitHostAddress, type HostAddress } from "@tabor/rtc-link/adhoc";
import { errorCode } from "../net/system-error.ts";

export interface Place {
  /** Where this host serves; undefined: it is none of the hosts that may. */
  readonly address: HostAddress | undefined;
  readonly folder: string;
  /** Gives the folder back. */
  readonly release: () => Promise<void>;
}

export interface PlaceOptions {
  readonly known: readonly HostAddress[];
  /** Where this host serves, if someone has told. */
  readonly listen?: HostAddress | undefined;
  readonly state?: string | undefined;
}

const LOCK = "in-use";

/**
 * The address is the one that was told, else the first of the known ones that is of this machine and not taken by
 * another peer: so the same command, given several times on one machine, starts several hosts.
 * @throws usage if the folder, or each, is in use by another peer.
 */
export async function takePlace({ known, listen, state }: PlaceOptions): Promise<Place> {
  const own = listen === undefined ? known.filter(isOfThisMachine) : [listen];
  const candidates = own.length === 0 ? [undefined] : own;
  for (const address of candidates) {
    const folder = state ?? folderOf(address);
    if (await lock(folder)) {
      return { address, folder, release: () => rm(join(folder, LOCK), { force: true }) };
    }
  }
  const sentence = `Another peer uses ${state ?? candidates.map(folderOf).join(", ")}: give this one its own --state.`;
  throw new TaborError("usage", "here", sentence);
}

function folderOf(address: HostAddress | undefined): string {
  return join(".tabor", address === undefined ? "peer" : `peer-${address.replaceAll(/[^\w.]/g, "-")}`);
}

function isOfThisMachine(address: HostAddress): boolean {
  const { host } = splitHostAddress(address);
  if (host === "localhost" || host === "::1" || host.startsWith("127.")) return true;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.some(({ address: mine }) => mine === host);
}

/** By a file with our process id, so that what a crash leaves behind is told from a peer that runs. */
async function lock(folder: string): Promise<boolean> {
  const path = join(folder, LOCK);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: "wx", mode: 0o600 });
      return true;
    } catch (thrown) {
      if (errorCode(thrown) !== "EEXIST") throw thrown;
    }
    if (isRunning(Number(await readFile(path, "utf8").catch(() => "")))) return false;
    await rm(path, { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return errorCode(thrown) === "EPERM";
  }
}
