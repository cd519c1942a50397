/** The production bundle does in a real browser what the sources promise. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { systemClock } from "@tabor/platform";
import { connectAsInitiator, connectAsResponder } from "@tabor/rtc-link";
import { endNodeRtc, nodeRtcPlatform } from "@tabor/rtc-link/node";
import sirv from "sirv";
import { build } from "vite";
import { bytesOf } from "./fixtures/content.ts";

const pages = new URL("pages/", import.meta.url).pathname;
let folder: string;
let server: Server;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-bundle-"));
  const rolldownOptions = { input: join(pages, "two-peers.html") };
  await build({
    root: pages,
    configFile: false,
    logLevel: "warn",
    build: { outDir: folder, emptyOutDir: true, rolldownOptions },
  });
  server = createServer(sirv(folder));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

test.afterAll(async () => {
  server.close();
  endNodeRtc();
  await rm(folder, { recursive: true });
});

function address(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/two-peers.html`;
}

const local = { platform: nodeRtcPlatform(), clock: systemClock };
const HELLO = [1, 2, 3];

test("a tab dials a Node peer", async ({ page }) => {
  await page.goto(address());
  await page.exposeFunction("exchange", async (offer: string) => {
    const { answer, channel } = await connectAsResponder({ ...local, offer });
    void channel.then((open) => open.send(Uint8Array.from(HELLO)));
    return answer;
  });
  expect(await page.evaluate(() => window.initiate())).toEqual(HELLO);
});

test("a Node peer dials a tab", async ({ page }) => {
  await page.goto(address());
  const channel = await connectAsInitiator({
    ...local,
    exchange: (offer) => page.evaluate((sdp) => window.respond(sdp), offer),
  });
  channel.send(Uint8Array.from(HELLO));
  expect(await page.evaluate(() => window.received)).toEqual(HELLO);
  channel.close();
});

test("simple-peer connects, and carries the longest message, in the production bundle", async ({ page }) => {
  await page.goto(address());
  const message = Array.from(bytesOf(16_384));
  const result = await page.evaluate((bytes) => window.connectTwoPeers(bytes), message);
  expect(result).toEqual({ received: message, fingerprintsAgree: true });
});
