/** What a tab that relays costs its page, in a browser as people have it: no long tasks, flat memory; and that it is a relay again after the browser froze it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CDPSession, expect, test } from "@playwright/test";
import { App } from "./fixtures/app.ts";
import { openThrottlingBrowser, type ThrottlingBrowser } from "./fixtures/hidden-browser.ts";
import { type RunningNetwork, startNetwork } from "./fixtures/network.ts";
import { startSocks } from "./fixtures/socks.ts";

test.describe.configure({ mode: "serial" });

const MIB = 2 ** 20;
/** What is carried before the memory is looked at first; three times as much until it is looked at again. */
const MIBS = 16;
const MOST_GROWTH = 4 * MIB;
/** Of a task of the main thread: beyond it the page stutters (Long Tasks API). */
const LONG_TASK_MS = 50;
const PEERS = 2;

let network: RunningNetwork;
let browser: ThrottlingBrowser;
let tab: App;
let session: CDPSession;
let site: Server;

test.beforeAll(async () => {
  site = createServer(({ url = "" }, response) => {
    response.end(Buffer.alloc(Number(url.slice(1)) * MIB));
  });
  site.listen(0, "127.0.0.1");
  [network, browser] = await Promise.all([
    startNetwork({ relays: 1, exits: 1 }),
    openThrottlingBrowser(),
    once(site, "listening"),
  ]);
  tab = await App.open(browser.window, network.directory.url);
  session = await browser.window.newCDPSession(tab.page);
  await session.send("HeapProfiler.enable");
});
test.afterAll(async () => {
  await browser.close();
  await network.stop();
  site.close();
});

/** What the page holds that nobody can drop, in bytes, buffers included. */
async function held(): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize = 0 } = (await session.send("Runtime.getHeapUsage")) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  return usedSize + backingStorageSize;
}

/** Milliseconds of processor time of the longest task of the page's main thread meanwhile: what waited for a processor took none. */
async function longestTask(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  const main = new Set<string>();
  const tasks: { thread: string; ms: number }[] = [];
  session.on("Tracing.dataCollected", ({ value }) => {
    for (const event of value as unknown as TraceEvent[]) {
      const thread = `${event.pid} ${event.tid}`;
      if (event.name === "thread_name" && event.args?.name === "CrRendererMain") main.add(thread);
      if (event.name === "RunTask" && event.tdur !== undefined) tasks.push({ thread, ms: event.tdur / 1000 });
    }
  });
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["disabled-by-default-devtools.timeline"], excludedCategories: ["*"] },
  });
  await work();
  const complete = new Promise<void>((resolve) => session.once("Tracing.tracingComplete", () => resolve()));
  await session.send("Tracing.end");
  await complete;
  expect(tasks.length).toBeGreaterThan(1000);
  for (const { thread, ms } of tasks) if (main.has(thread)) longest = Math.max(longest, ms);
  return longest;
}

interface TraceEvent {
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  /** Microseconds of processor time. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

async function carry(proxy: string, mib: number): Promise<void> {
  const { port } = site.address() as AddressInfo;
  const args = ["--silent", "--show-error", "--output", "/dev/null", "--write-out", "%{size_download}"];
  const curl = spawn("curl", [...args, "--socks5-hostname", proxy, `http://127.0.0.1:${port}/${mib}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let size = "";
  curl.stdout.on("data", (data: Buffer) => (size += data.toString()));
  await once(curl, "close");
  expect(Number(size)).toBe(mib * MIB);
}

test("at full speed the page has no long task, and its memory is flat", async () => {
  await tab.volunteer(PEERS);
  for (const limit of ["limit-upload", "limit-download"]) await tab.page.getByTestId(limit).selectOption("");
  const { url, authority } = network.directory;
  const socks = await startSocks(["--directory", url, "--authority", authority]);
  try {
    await carry(socks.proxy, MIBS);
    const before = await held();
    const longest = await longestTask(() => carry(socks.proxy, MIBS));
    await carry(socks.proxy, MIBS);
    const grown = (await held()) - before;
    const relayed = Math.round((await tab.relayed()) / MIB);
    console.log(
      `relayed ${relayed} MiB: longest task ${Math.round(longest)} ms, memory grown by ${Math.round(grown / 1024)} KiB`,
    );
    expect(relayed).toBeGreaterThan(3 * MIBS);
    expect(longest).toBeLessThan(LONG_TASK_MS);
    expect(grown).toBeLessThan(MOST_GROWTH);
  } finally {
    await socks.stop();
  }
});

test("frozen by the browser it leaves; when it runs again it is there again, as the same relay", async () => {
  const { page } = tab;
  const relay = (await page.getByTestId("relay-id").getAttribute("data-value")) ?? "";
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  await expect(page.getByTestId("volunteer-state")).toHaveAttribute("data-state", "resting");
  await session.send("Page.setWebLifecycleState", { state: "active" });
  await tab.linked(PEERS);
  await expect(page.getByTestId("relay-id")).toHaveAttribute("data-value", relay);
});
