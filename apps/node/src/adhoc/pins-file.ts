import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { TaborError } from "@tabor/onion-core";
import { knownHostsText, parseKnownHosts, type Pins } from "@tabor/rtc-link/adhoc";
import { errorCode } from "../net/system-error.ts";

/**
 * Which authority each host of an ad-hoc network had at first contact (SPEC §9.8), in a text file: `host:port=identity`
 * with commas between. Who deletes it, or an entry of it, meets that host for the first time again.
 */
export interface PinsFile {
  readonly pins: Pins;
  /** Writes beside and renames, one after the other. Never throws. */
  readonly save: (pins: Pins) => void;
}

/** @param failed is told why pins could not be kept. @throws malformed for a file that holds something else. */
export async function openPins(path: string, failed: (reason: string) => void): Promise<PinsFile> {
  let last = Promise.resolve();
  return {
    pins: await load(path),
    save: (pins) => {
      const text = knownHostsText([...pins].map(([address, authority]) => ({ address, authority })));
      last = last
        .then(() => write(path, `${text}\n`))
        .catch((error: unknown) => {
          failed(error instanceof Error ? error.message : String(error));
        });
    },
  };
}

async function load(path: string): Promise<Pins> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  });
  if (text.trim() === "") return new Map();
  try {
    const hosts = parseKnownHosts(text.trim());
    return new Map(hosts.flatMap(({ address, authority }) => (authority ? [[address, authority]] : [])));
  } catch (cause) {
    throw new TaborError("malformed", "here", `${path} does not hold hosts and their authorities`, { cause });
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, text, { mode: 0o600 });
  await rename(beside, path);
}
