/**
 * A tab that relays while nobody looks at it, in a browser that throttles hidden tabs. `npm run test:long` does it for a quarter of an hour, past the five
 * minutes after which Chromium throttles harder.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { expect, type Page, test } from "@playwright/test";
import { App } from "./fixtures/app.ts";
import { openThrottlingBrowser, type ThrottlingBrowser } from "./fixtures/hidden-browser.ts";
import { type RunningNetwork, startNetwork } from "./fixtures/network.ts";
import { startSocks } from "./fixtures/socks.ts";

const SECONDS = process.env["TABOR_LONG"] === "1" ? 15 * 60 : 20;
/** Milliseconds between two pieces, and how late one may be. */
const EVERY = 100;
const STALL = 2000;

test.setTimeout(240_000 + SECONDS * 1000);

let network: RunningNetwork;
let browser: ThrottlingBrowser;
test.beforeAll(async () => {
  [network, browser] = await Promise.all([startNetwork({ relays: 1, exits: 1 }), openThrottlingBrowser()]);
});
test.afterAll(async () => {
  await browser.close();
  await network.stop();
});

/** A site that says what time it is, in pieces of 1 KiB, for as long as it is listened to; and one that sends what it can. */
async function startClockSite(): Promise<{ origin: string; close: () => void }> {
  const server = createServer((_, response) => {
    const piece = (): void => void response.write(`${String(performance.now()).padEnd(1023)}\n`);
    const timer = setInterval(piece, EVERY);
    response.on("close", () => clearInterval(timer));
    piece();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** How long pieces were on their way, in milliseconds, as they come to somebody with a SOCKS proxy; for so many seconds. */
async function delays(proxy: string, url: string, seconds: number): Promise<number[]> {
  const curl = spawn(
    "curl",
    [
      "--silent",
      "--show-error",
      "--no-buffer",
      "--max-time",
      String(seconds),
      "--socks5-hostname",
      proxy,
      url,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const found: number[] = [];
  createInterface(curl.stdout).on("line", (line) => found.push(performance.now() - Number(line)));
  await once(curl, "close");
  return found;
}

/** Of timers of 50 ms, how late the page has them. */
function timerOf(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const began = performance.now();
        let left = 5;
        const next = (): void => {
          if (--left === 0) resolve((performance.now() - began) / 5);
          else setTimeout(next, 50);
        };
        setTimeout(next, 50);
      }),
  );
}

test("a hidden tab passes on what comes, though its timers are held back", async () => {
  const tab = await App.open(browser.window, network.directory.url);
  await tab.volunteer(2);
  const other = await browser.window.newPage();
  await other.bringToFront();
  await expect.poll(() => tab.page.evaluate(() => document.visibilityState)).toBe("hidden");
  await expect.poll(() => timerOf(tab.page)).toBeGreaterThan(500);

  const { url, authority } = network.directory;
  const socks = await startSocks(["--directory", url, "--authority", authority]);
  const site = await startClockSite();
  try {
    const before = await tab.relayed();
    const own = monitorEventLoopDelay();
    own.enable();
    const found = await delays(socks.proxy, site.origin, SECONDS);
    own.disable();
    const slowest = Math.max(...found);
    console.log(
      `hidden for ${SECONDS} s: ${found.length} pieces, the slowest took ${Math.round(slowest)} ms`,
    );
    expect(found.length).toBeGreaterThan((SECONDS * 1000) / EVERY / 4);
    // When this process stood still, so did the rest of the machine.
    expect(slowest).toBeLessThan(STALL + own.max / 1e6);
    expect((await tab.relayed()) - before).toBeGreaterThan(found.length * 1024);
    expect(await tab.page.evaluate(() => document.visibilityState)).toBe("hidden");
  } finally {
    site.close();
    await socks.stop();
  }
});
