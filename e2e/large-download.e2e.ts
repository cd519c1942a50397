/** A file larger than what a tab may hold comes whole, and is in nobody's memory on the way. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, expect, type Page, test } from "@playwright/test";
import { streamSlice } from "./farm/content/bytes.ts";
import { startNetworkTo } from "./farm/journeys/in-app.ts";
import { type Farm, startFarm } from "./farm/network/farm.ts";
import { App } from "./fixtures/app.ts";
import { CHROMIUM_FLAGS, chromiumPath } from "./fixtures/chromium.ts";
import { descendants } from "./fixtures/descendants.ts";
import type { RunningNetwork } from "./fixtures/network.ts";

const MIB = 1024 * 1024;
const LENGTH = 256 * MIB;
/** What the browser may have grown by when the last parts come: its own copies on the way, and what it has not cleaned away yet. */
const GROWTH = 200 * MIB;
/** Of the time, at the end: what is only garbage goes in between, a file that is kept does not. */
const AT_THE_END = 0.1;

let farm: Farm;
let network: RunningNetwork;
let profile: string;
/** With a profile on disk, as people have: in one without, the app's own files are kept in memory. */
let context: BrowserContext;
test.beforeAll(async () => {
  farm = await startFarm();
  network = await startNetworkTo(farm);
  profile = await mkdtemp(join(tmpdir(), "tabor-profile-"));
  const executablePath = chromiumPath();
  context = await chromium.launchPersistentContext(profile, {
    args: CHROMIUM_FLAGS,
    ...(executablePath === undefined ? {} : { executablePath }),
  });
});
test.afterAll(async () => {
  await context.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  await network.stop();
  await farm.close();
});

test("256 MiB come whole through three hops, past the browser's memory", async () => {
  test.setTimeout(600_000);
  const app = await App.open(context, network.directory.url);
  await app.ready();
  const before = await browserMemory();
  await app.go(`https://downloads.test/bytes/${LENGTH}/plain`);
  const saved = app.page.waitForEvent("download", { timeout: 550_000 });
  await app.page.getByTestId("accept").click();
  const sizes: number[] = [];
  const watching = setInterval(() => {
    void browserMemory().then((bytes) => sizes.push(bytes));
  }, 250);
  const download = await saved;
  const path = await download.path();
  clearInterval(watching);
  expect(await hashOf(path)).toBe(expectedHash());
  expect(before).toBeGreaterThan(0);
  const growth = Math.min(...sizes.slice(-Math.ceil(AT_THE_END * sizes.length))) - before;
  expect(growth).toBeLessThan(GROWTH);
});

test("a file goes where the person wants it, where the browser asks for that", async () => {
  const app = await App.open(context, network.directory.url);
  await app.ready();
  await app.page.evaluate(stubPicker);
  await app.go(`https://downloads.test/bytes/${3 * MIB}/utf8`);
  await app.page.getByTestId("accept").click();
  await expect(app.page.getByTestId("download")).toHaveAttribute("data-state", "done");
  expect(await pickedFile(app.page)).toEqual({ name: "naïve 狐.bin", hash: sha256(streamSlice(0, 3 * MIB)) });
});

/** Stands for the dialog, and what the person chooses in it. */
function stubPicker(): void {
  const picker = async ({
    suggestedName,
  }: {
    readonly suggestedName: string;
  }): Promise<FileSystemFileHandle> => {
    const folder = await navigator.storage.getDirectory();
    document.title = suggestedName;
    return folder.getFileHandle("picked", { create: true });
  };
  Object.assign(window, { showSaveFilePicker: picker });
}

function pickedFile(page: Page): Promise<{ readonly name: string; readonly hash: string }> {
  return page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    const file = await (await folder.getFileHandle("picked")).getFile();
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return {
      name: document.title,
      hash: Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    };
  });
}

/** Bytes of memory that Chromium's processes have to themselves. */
async function browserMemory(): Promise<number> {
  const browser = descendants(process.pid).filter(({ command }) => command.includes("chrom"));
  const sizes = browser.map(async ({ pid }) => {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest("hex");
}

function expectedHash(): string {
  const hash = createHash("sha256");
  for (let at = 0; at < LENGTH; at += MIB) hash.update(streamSlice(at, at + MIB));
  return hash.digest("hex");
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
