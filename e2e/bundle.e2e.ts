/** The production bundle does in a real browser what the sources promise. */
import { expect, test } from "@playwright/test";
import { systemClock } from "@tabor/platform";
import { connectAsInitiator, connectAsResponder } from "@tabor/rtc-link";
import { endNodeRtc, nodeRtcPlatform } from "@tabor/rtc-link/node";
import { bytesOf } from "./fixtures/content.ts";
import { type ServedPage, servePage } from "./fixtures/pages.ts";

let served: ServedPage;

test.beforeAll(async () => {
  served = await servePage("two-peers.html");
});

test.afterAll(async () => {
  endNodeRtc();
  await served.close();
});

const local = { platform: nodeRtcPlatform(), clock: systemClock };
const HELLO = [1, 2, 3];

test("a tab dials a Node peer", async ({ page }) => {
  await page.goto(served.url);
  await page.exposeFunction("exchange", async (offer: string) => {
    const { answer, channel } = await connectAsResponder({ ...local, offer });
    void channel.then((open) => open.send(Uint8Array.from(HELLO)));
    return answer;
  });
  expect(await page.evaluate(() => window.initiate())).toEqual(HELLO);
});

test("a Node peer dials a tab", async ({ page }) => {
  await page.goto(served.url);
  const channel = await connectAsInitiator({
    ...local,
    exchange: (offer) => page.evaluate((sdp) => window.respond(sdp), offer),
  });
  channel.send(Uint8Array.from(HELLO));
  expect(await page.evaluate(() => window.received)).toEqual(HELLO);
  channel.close();
});

test("simple-peer connects, and carries the longest message, in the production bundle", async ({ page }) => {
  await page.goto(served.url);
  const message = Array.from(bytesOf(16_384));
  const result = await page.evaluate((bytes) => window.connectTwoPeers(bytes), message);
  expect(result).toEqual({ received: message, fingerprintsAgree: true });
});
