/** Browsers that are exits: tabs alone are a network, from which open sites can be fetched. */
import { readFile } from "node:fs/promises";
import { type Browser, expect, test } from "@playwright/test";
import { App } from "./fixtures/app.ts";
import { type RunningNetwork, startNetwork } from "./fixtures/network.ts";
import { FILE, type OpenSite, PAGE_BYTES, startOpenSite } from "./fixtures/open-site.ts";

let network: RunningNetwork;
let site: OpenSite;
test.beforeEach(async () => {
  [network, site] = await Promise.all([startNetwork({ relays: 0, exits: 0 }), startOpenSite()]);
});
test.afterEach(async ({ browser }) => {
  for (const context of browser.contexts()) await context.close();
  await network.stop();
  await site.close();
});

/** So many tabs that relay, by the identity each has as a relay, all linked; the last of them are exits, too. */
async function volunteers(browser: Browser, count: number, exits = 1): Promise<Map<string, App>> {
  const tabs = new Map<string, App>();
  for (let i = 0; i < count; i++) {
    const tab = await App.open(await browser.newContext(), network.directory.url);
    tabs.set(await tab.volunteer(i), tab);
  }
  await Promise.all([...tabs.values()].map((tab) => tab.linked(count - 1)));
  for (const exit of [...tabs.values()].slice(-exits)) await becomeExit(exit);
  return tabs;
}

async function becomeExit({ page }: App): Promise<void> {
  await page.getByTestId("fetch-switch").click();
  await expect(page.getByTestId("fetch-state")).toHaveAttribute("data-state", "off");
  await page.getByTestId("fetch-consent-yes").click();
  await expect(page.getByTestId("fetch-state")).toHaveAttribute("data-state", "on");
  await page.getByTestId("fetch-rules").fill("accept 127.0.0.0/8:*");
  await page.getByTestId("fetch-rules").press("Enter");
}

/** A client whose person allows exits that fetch. */
async function client(browser: Browser): Promise<App> {
  const app = await App.open(await browser.newContext(), network.directory.url);
  await app.page.getByTestId("status").click();
  await expect(app.page.getByTestId("connection")).toContainText("not enough relays");
  await app.page.getByTestId("allow-fetch-exits").check();
  await app.ready();
  return app;
}

const fetched = async (tab: App | undefined, id: string): Promise<number> =>
  Number(await tab?.page.getByTestId(id).getAttribute("data-value"));

test("a page comes through three tabs and no other relay, as they count themselves", async ({ browser }) => {
  const tabs = await volunteers(browser, 3);
  const app = await client(browser);
  await app.goPlain(`${site.origin}/page`);
  await expect(app.document.locator("#greeting")).toHaveText("Open to all");

  const hops = await app.hops();
  expect(hops.map(({ role, platform }) => `${role} ${platform}`)).toEqual([
    "guard tab",
    "middle tab",
    "exit tab",
  ]);
  expect(new Set(hops.map(({ relay }) => relay))).toEqual(new Set(tabs.keys()));
  const exit = [...tabs.values()].at(-1);
  expect(tabs.get(hops[2]?.relay ?? "")).toBe(exit);
  await app.page.getByTestId("site").click();
  await expect(app.page.getByTestId("read-by-exit")).toBeVisible();
  await expect(app.page.getByTestId("reads-content")).toHaveCount(1);

  const visit = site.visits.find(({ path }) => path === "/page");
  expect(visit?.headers).not.toHaveProperty("cookie");
  expect(visit?.headers).not.toHaveProperty("referer");
  // What was received is sent on: a tab on the way counts the page twice.
  for (const { relay } of hops.slice(0, 2)) {
    const tab = tabs.get(relay);
    await expect.poll(() => tab?.relayed()).toBeGreaterThan(2 * PAGE_BYTES);
  }
  await expect.poll(() => fetched(exit, "fetched-in")).toBeGreaterThan(PAGE_BYTES);
  expect(await fetched(exit, "fetched-in")).toBeLessThan(PAGE_BYTES * 1.05);
});

test("what a browser may not read is told, and what is refused is not asked for", async ({ browser }) => {
  await volunteers(browser, 3);
  const app = await client(browser);
  await app.goPlain(`${site.origin}/page`);
  await app.shows("document");
  await app.go(`${site.origin}/closed`);
  await app.shows("failed");
  await expect(app.page.getByTestId("page")).toContainText("CORS");
  await app.goPlain(`${site.origin}/elsewhere`);
  await expect(app.page.getByTestId("page")).toContainText("redirect");
  const { length } = site.visits;
  await app.go(site.origin.replace("127.0.0.1", "localhost"));
  await expect(app.page.getByTestId("page")).toContainText("policy");
  expect(site.visits.length).toBe(length);
});

for (const [who, role, control, exits] of [
  ["a tab that stops", "middle", "volunteer-switch", 1],
  ["an exit that stops fetching", "exit", "fetch-switch", 2],
] as const)
  test(`${who} in the middle of a download costs no byte of it`, async ({ browser }) => {
    const tabs = await volunteers(browser, 4, exits);
    const app = await client(browser);
    await app.goPlain(`${site.origin}/page`);
    await app.shows("document");
    const hops = await app.hops();
    const tabOf = (wanted: string): App | undefined =>
      tabs.get(hops.find((hop) => hop.role === wanted)?.relay ?? "");
    const before = await fetched(tabOf("exit"), "fetched-in");
    await app.go(`${site.origin}/file`);
    const saved = app.page.waitForEvent("download");
    await app.page.getByTestId("accept").click();
    await expect.poll(() => fetched(tabOf("exit"), "fetched-in")).toBeGreaterThan(before + FILE.length / 4);

    await tabOf(role)?.page.getByTestId(control).click();
    const path = await (await saved).path();
    expect(Buffer.compare(await readFile(path), FILE)).toBe(0);
    const visits = site.visits.filter(({ path, method }) => path === "/file" && method === "GET");
    expect(visits).toHaveLength(2);
    expect(Number(/^bytes=([0-9]+)-$/.exec(visits[1]?.headers.range ?? "")?.[1])).toBeGreaterThan(0);
  });
