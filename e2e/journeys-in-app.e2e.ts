/** What people do on the web, in Tabor's web app, through three hops; and whether pages look there as they do directly. */
import { type Browser, expect, test } from "@playwright/test";
import { DirectSurface, launchDirect } from "./farm/journeys/direct.ts";
import { AppSurface, startNetworkTo } from "./farm/journeys/in-app.ts";
import { JOURNEYS } from "./farm/journeys/journeys.ts";
import { difference, render } from "./farm/journeys/rendering.ts";
import { type Farm, startFarm } from "./farm/network/farm.ts";
import type { RunningNetwork } from "./fixtures/network.ts";

let farm: Farm;
let network: RunningNetwork;
let direct: Browser;
test.beforeAll(async () => {
  farm = await startFarm();
  [network, direct] = await Promise.all([startNetworkTo(farm), launchDirect(farm)]);
});
test.afterAll(async () => {
  await direct.close();
  await network.stop();
  await farm.close();
});

for (const { name, journey } of JOURNEYS) {
  test(`in Tabor, a person ${name}`, async ({ context }) => {
    await journey(await AppSurface.open(context, network), farm);
  });
}

for (const address of [
  "https://news.test/",
  "https://shop.test/",
  "https://wiki.test/",
  "https://forum.test/thread/2",
]) {
  test(`${address} is in Tabor what it is directly`, async ({ context }) => {
    const app = await AppSurface.open(context, network);
    await app.open(address);
    await app.resize();
    const here = await render(app, address);
    const there = await render(await DirectSurface.open(direct, "safest"), address);
    expect({ title: here.title, text: here.text, images: here.images }).toEqual({
      title: there.title,
      text: there.text,
      images: there.images,
    });
    expect(difference(here.picture, there.picture)).toBeLessThan(0.01);
  });
}
