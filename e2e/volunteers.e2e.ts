/** Tabs that volunteer: pages of others go through them, and go on when one of them is closed. */
import { type Browser, expect, test } from "@playwright/test";
import { App } from "./fixtures/app.ts";
import { linkedWith, type RunningNetwork, startNetwork } from "./fixtures/network.ts";
import { type Site, startSite } from "./fixtures/site.ts";

const TABS = 3;
const PAGE_KIB = 400;

let network: RunningNetwork;
let site: Site;
test.beforeEach(async () => {
  [network, site] = await Promise.all([startNetwork({ relays: 0, exits: 1 }), startSite()]);
});
test.afterEach(async ({ browser }) => {
  for (const context of browser.contexts()) await context.close();
  await network.stop();
  await site.close();
});

/** Tabs that relay, by the identity each has as a relay; all linked with each other and with the exit. */
async function volunteers(browser: Browser): Promise<Map<string, App>> {
  const tabs = new Map<string, App>();
  for (let i = 0; i < TABS; i++) {
    const tab = await App.open(await browser.newContext(), network.directory.url);
    tabs.set(await tab.volunteer(i + 1), tab);
  }
  await Promise.all([...tabs.values()].map((tab) => tab.linked(TABS)));
  await network.exits[0]?.message(linkedWith(TABS));
  return tabs;
}

test("a page goes through two of three tabs, as they report themselves", async ({ browser }) => {
  const tabs = await volunteers(browser);
  const client = await App.open(await browser.newContext(), network.directory.url);
  await client.ready();
  const before = await relayedBy(tabs);

  await client.goPlain(`${site.origin}/long/${PAGE_KIB}`);
  await expect(client.document.locator("#greeting")).toHaveText("Long");
  const hops = await client.hops();
  expect(hops.map(({ role, platform }) => `${role} ${platform}`)).toEqual([
    "guard tab",
    "middle tab",
    "exit node",
  ]);

  // What was received is sent on: a tab on the way counts the page twice.
  const page = PAGE_KIB * 1024;
  const onTheWay = hops.slice(0, 2).map(({ relay }) => relay);
  for (const [id, tab] of tabs) {
    const grown = async (): Promise<number> => (await tab.relayed()) - (before.get(id) ?? 0);
    if (onTheWay.includes(id)) await expect.poll(grown).toBeGreaterThan(2 * page);
    else expect(await grown()).toBeLessThan(page);
  }
  expect(new Set(onTheWay).size).toBe(2);
  for (const tab of [...tabs.values(), client]) expect(tab.complaints).toEqual([]);
});

test("closing a tab in the middle of a page: the client recovers, and says so", async ({ browser }) => {
  const tabs = await volunteers(browser);
  const client = await App.open(await browser.newContext(), network.directory.url);
  await client.ready();

  await client.goPlain(`${site.origin}/page`);
  await client.shows("document");
  const [, middle] = await client.hops();
  const held = (): number => site.visits.filter(({ path }) => path.startsWith("/held/")).length;
  await client.go(`${site.origin}/held/${PAGE_KIB}`);
  await expect.poll(held).toBe(1);
  await expect(client.page.getByTestId("progress")).toContainText(/KiB|MiB/);
  await tabs.get(middle?.relay ?? "")?.page.close();

  await expect.poll(held).toBe(2);
  await expect(client.page.getByTestId("progress")).toContainText("relay on the way went away");
  site.release();
  await expect(client.document.locator("#greeting")).toHaveText("Long");
  const now = await client.hops();
  expect(now.map(({ relay }) => relay)).not.toContain(middle?.relay);
});

async function relayedBy(tabs: ReadonlyMap<string, App>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const [id, tab] of tabs) counts.set(id, await tab.relayed());
  return counts;
}
