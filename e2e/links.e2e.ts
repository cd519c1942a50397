/** Links that have ended leave nothing: Chromium refuses new connections when dead ones pile up. A thousand of them in `npm run test:long`. */
import { type CDPSession, expect, test } from "@playwright/test";
import { type ServedPage, servePage } from "./fixtures/pages.ts";

const TIMES = process.env["TABOR_LONG"] === "1" ? 1000 : 40;
const WARM_UP = 40;
const MIB = 2 ** 20;

test.setTimeout(240_000 + TIMES * 1000);

let served: ServedPage;
test.beforeAll(async () => {
  served = await servePage("links.html");
});
test.afterAll(async () => {
  await served.close();
});

/** What the page holds that nobody can drop: connections, and bytes of JavaScript's heap. */
async function held(session: CDPSession): Promise<{ connections: number; bytes: number }> {
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const metric = (name: string): number => metrics.find((one) => one.name === name)?.value ?? NaN;
  return { connections: metric("RTCPeerConnections"), bytes: metric("JSHeapUsedSize") };
}

test("links that open and close leave no connection, and no memory", async ({ page, context }) => {
  await page.goto(served.url);
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable");
  await session.send("HeapProfiler.enable");
  expect(await page.evaluate((times) => window.linkAndPart(times), WARM_UP)).toBe(0);
  // What has closed is dropped when its events are through.
  await expect.poll(async () => (await held(session)).connections).toBe(0);
  const before = await held(session);
  expect(await page.evaluate((times) => window.linkAndPart(times), TIMES)).toBe(0);
  await expect.poll(async () => (await held(session)).connections).toBe(0);
  const after = await held(session);
  const grown = after.bytes - before.bytes;
  console.log(`${TIMES} links: the heap has grown by ${Math.round(grown / 1024)} KiB`);
  expect(grown).toBeLessThan(MIB);
});
