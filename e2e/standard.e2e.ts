/** Pages with scripts, used in the web app through three hops. */
import { expect, test } from "@playwright/test";
import { AppSurface, startNetworkTo } from "./farm/journeys/in-app.ts";
import { type Farm, startFarm } from "./farm/network/farm.ts";
import type { RunningNetwork } from "./fixtures/network.ts";

let farm: Farm;
let network: RunningNetwork;
test.beforeAll(async () => {
  farm = await startFarm();
  network = await startNetworkTo(farm);
});
test.afterAll(async () => {
  await network.stop();
  await farm.close();
});

test("a page of one site runs its scripts", async ({ context }) => {
  const app = await AppSurface.open(context, network, "standard");
  await app.open("https://app.test/fields");
  await expect(app.shown.locator("#route")).toHaveText("You are at /fields");
  for (const item of await app.shown.locator("#results li").all())
    console.log(await item.getAttribute("id"), await item.innerText());
});
