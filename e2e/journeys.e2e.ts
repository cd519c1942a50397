/** What people do on the web, on sites of our own, in Chromium itself: it proves the farm, and is what we compare with. */
import { type Browser, expect, test } from "@playwright/test";
import { DirectSurface, launchDirect } from "./farm/journeys/direct.ts";
import { JOURNEYS, JOURNEYS_WITH_SCRIPTS } from "./farm/journeys/journeys.ts";
import { difference, render } from "./farm/journeys/rendering.ts";
import { type Farm, startFarm } from "./farm/network/farm.ts";

let farm: Farm;
let browser: Browser;
test.beforeAll(async () => {
  farm = await startFarm();
  browser = await launchDirect(farm);
});
test.afterAll(async () => {
  await browser.close();
  await farm.close();
});

for (const { name, journey } of JOURNEYS) {
  test(`directly, without scripts, a person ${name}`, async () => {
    await journey(await DirectSurface.open(browser, "safest"), farm);
  });
}

for (const { name, journey } of JOURNEYS_WITH_SCRIPTS) {
  test(`directly, with scripts, a person ${name}`, async () => {
    await journey(await DirectSurface.open(browser, "standard"), farm);
  });
}

test("the news page has at least 150 parts from 12 hosts, and is drawn the same twice", async () => {
  const before = farm.visits.length;
  const first = await render(await DirectSurface.open(browser, "standard"), "https://news.test/");
  const parts = farm.visits.slice(before);
  const hosts = new Set(parts.map(({ host }) => host));
  expect(parts.length).toBeGreaterThanOrEqual(150);
  expect(hosts.size).toBeGreaterThanOrEqual(12);
  expect(first.images.failed).toBe(0);
  const second = await render(await DirectSurface.open(browser, "standard"), "https://news.test/");
  expect({ ...second, picture: undefined }).toEqual({ ...first, picture: undefined });
  expect(difference(first.picture, second.picture)).toBe(0);
  const safest = await render(await DirectSurface.open(browser, "safest"), "https://news.test/");
  expect(safest.images.failed).toBe(22);
  expect(difference(first.picture, safest.picture)).toBeGreaterThan(0.001);
});
