/** The production bundle does in a real browser what the sources promise. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
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
  await rm(folder, { recursive: true });
});

test("simple-peer connects, and carries the longest message, in the production bundle", async ({ page }) => {
  const { port } = server.address() as AddressInfo;
  await page.goto(`http://127.0.0.1:${port}/two-peers.html`);
  const message = Array.from(bytesOf(16_384));
  const result = await page.evaluate((bytes) => window.connectTwoPeers(bytes), message);
  expect(result).toEqual({ received: message, fingerprintsAgree: true });
});
