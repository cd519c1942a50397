/**
 * A volunteering tab whose network goes away and comes back: first its own machine's, which the browser sees; then that of the house,
 * of which nobody tells it. Writes what it has found as one line of JSON.
 */
import { execFile, execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { sha256 } from "../fixtures/content.ts";
import { linkedWith } from "../fixtures/network.ts";
import { startSite } from "../fixtures/site.ts";
import { startSocks } from "../fixtures/socks.ts";
import { PATIENCE, Street } from "./street.ts";

export interface Found {
  /** What the tab said of itself when it was listed no more, at each loss. */
  readonly meanwhile: readonly string[];
  /** At first, and after each loss. */
  readonly seen: readonly Seen[];
}

export interface Seen {
  /** The relay that the tab is: linked, listed, and on the way of the file. */
  readonly relay: string;
  /** Of the file that went through it. */
  readonly sha256: string;
  /** All bytes that this browser has ever carried. */
  readonly total: number;
}

interface Loss {
  /** The network namespace. */
  readonly of: string;
  readonly link: string;
  /** Of the way out, which goes with the link. */
  readonly gateway: string;
}

/** The browser sees this one. */
const OWN_LINK: Loss = { of: "house1", link: "eth0", gateway: "192.168.1.1" };
const HOUSE_LINK: Loss = { of: "gate1", link: "out", gateway: "10.77.1.1" };

const PORT = 8080;
const PEERS = 2;
const FILE_BYTES = 300_000;
const LOOK_MS = 1000;
const LINKED = '[data-testid="relay-links"]:not([data-value="0"])';
const run = promisify(execFile);

const [street, site] = await Promise.all([Street.open(), startSite()]);
try {
  console.log(JSON.stringify(await look()));
} finally {
  await street.close();
  await site.close();
}
process.exit(0);

async function look(): Promise<Found> {
  const directory = await startDirectory();
  const page = await street.volunteer(1, PORT);
  const first = await atWork(page, directory);
  const meanwhile: string[] = [];
  const seen = [first];
  for (const { of, link, gateway } of [OWN_LINK, HOUSE_LINK]) {
    ip("-n", of, "link", "set", link, "down");
    await listed(directory, first.relay, false);
    await page.locator(LINKED).waitFor({ ...PATIENCE, state: "detached" });
    meanwhile.push((await page.getByTestId("volunteer-state").textContent()) ?? "");
    ip("-n", of, "link", "set", link, "up");
    ip("-n", of, "route", "add", "default", "via", gateway);
    seen.push(await atWork(page, directory));
  }
  return { meanwhile, seen };
}

/** With a relay and an exit on the street. @returns the options by which others find it. */
async function startDirectory(): Promise<readonly string[]> {
  const { url, authority } = await street.directory(PORT);
  const options = ["--directory", url, "--authority", authority];
  const policy = ["--policy", "accept 127.0.0.0/8:*"];
  const peers = [
    street.program({ script: "apps/node/dist/relay.js", args: options, ipc: true }),
    street.program({ script: "apps/node/dist/exit.js", args: [...options, ...policy], ipc: true }),
  ];
  await Promise.all(peers.map((peer) => peer.message(linkedWith(PEERS - 1))));
  return options;
}

/** Waits until the tab is linked and listed; somebody's file then goes through it, as there is no other third relay. */
async function atWork(page: Page, directory: readonly string[]): Promise<Seen> {
  await page.locator(`[data-testid="relay-links"][data-value="${PEERS}"]`).waitFor(PATIENCE);
  const relay = (await page.getByTestId("relay-id").getAttribute("data-value")) ?? "";
  await listed(directory, relay, true);
  const before = await shown(page, "total-bytes");
  const file = await fetchThrough(directory);
  // Received and sent.
  await until(async () => (await shown(page, "total-bytes")) > before + 2 * file.length);
  return { relay, sha256: sha256(file), total: await shown(page, "total-bytes") };
}

async function fetchThrough(directory: readonly string[]): Promise<Buffer> {
  const socks = await startSocks(directory);
  const how = ["--silent", "--show-error", "--max-time", "240", "--socks5-hostname", socks.proxy];
  const { stdout } = await run("curl", [...how, `${site.origin}/bytes/${FILE_BYTES}`], {
    encoding: "buffer",
  });
  await socks.stop();
  return stdout;
}

async function shown(page: Page, counter: string): Promise<number> {
  return Number(await page.getByTestId(counter).getAttribute("data-value"));
}

/** Waits until the consensus has the relay, or has it no more. */
function listed(directory: readonly string[], relay: string, isListed: boolean): Promise<void> {
  const entry = new RegExp(`^ {2}${relay} `, "m");
  return until(async () => {
    const { stdout } = await run(process.execPath, ["apps/node/dist/consensus.js", ...directory]);
    return entry.test(stdout) === isListed;
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE.timeout;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not in time: ${isSo.toString()}`);
    await sleep(LOOK_MS);
  }
}

function ip(...words: readonly string[]): void {
  execFileSync("ip", words);
}
