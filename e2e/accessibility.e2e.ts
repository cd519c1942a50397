/** Every view of the web app, in light and in dark, without what axe-core knows to keep people out. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { App } from "./fixtures/app.ts";
import { type RunningNetwork, startNetwork } from "./fixtures/network.ts";
import { type Site, startSite } from "./fixtures/site.ts";

let network: RunningNetwork;
let site: Site;
test.beforeAll(async () => {
  [network, site] = await Promise.all([startNetwork({ relays: 2, exits: 1 }), startSite()]);
});
test.afterAll(async () => {
  await network.stop();
  await site.close();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`in ${colorScheme} colours`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme, reducedMotion: "reduce" });
    const app = await App.open(context, network.directory.url);
    const barriers = async (): Promise<string[]> => {
      const { violations } = await new AxeBuilder({ page: app.page }).analyze();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    };
    await app.ready();
    expect(await barriers()).toEqual([]);
    // Not while a page is shown: axe puts scripts into every frame, and waits for them where none may run.
    await app.go(`${site.origin}/bytes/1000`);
    await app.shows("offer");
    expect(await barriers()).toEqual([]);
    await app.go("http://does-not-exist.invalid/");
    await app.shows("failed");
    expect(await barriers()).toEqual([]);
    await app.volunteer(3);
    expect(await barriers()).toEqual([]);
    await app.page.getByTestId("view-about").click();
    expect(await barriers()).toEqual([]);
    await context.close();
  });
}
