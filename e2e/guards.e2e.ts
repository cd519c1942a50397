/** A tab's guards: kept across reloads and identities, while everything else changes. */
import { expect, type Page, test } from "@playwright/test";
import { App } from "./fixtures/app.ts";
import { type RunningNetwork, startNetwork } from "./fixtures/network.ts";
import { type Site, startSite } from "./fixtures/site.ts";

let network: RunningNetwork;
let site: Site;
test.beforeAll(async () => {
  [network, site] = await Promise.all([startNetwork({ relays: 6, exits: 1 }), startSite()]);
});
test.afterAll(async () => {
  await network.stop();
  await site.close();
});

/** What the tab has kept of its guards. */
function kept(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        const opening = indexedDB.open("tabor");
        opening.onerror = () => {
          reject(new Error("no database"));
        };
        opening.onsuccess = () => {
          const reading = opening.result.transaction("guards").objectStore("guards").get("guards");
          reading.onsuccess = () => {
            opening.result.close();
            resolve(String(reading.result));
          };
        };
      }),
  );
}

/** Loads the site's page. @returns the circuit's relays, guard first. */
async function path(app: App): Promise<string[]> {
  await app.ready();
  await app.goPlain(`${site.origin}/page`);
  await app.shows("document");
  return (await app.hops()).map(({ relay }) => relay);
}

test("guards are kept across reloads and visits, in the browser's database", async ({ context }) => {
  const app = await App.open(context, network.directory.url);
  const [guard = ""] = await path(app);
  const text = await kept(app.page);
  expect(text).toMatch(/^tabor-guards 1\n/);
  // The confirmed one is the one that served.
  expect(
    text
      .split("\n")
      .slice(1)
      .find((line) => line.endsWith(" 1")),
  ).toContain(guard);
  await app.page.reload();
  await app.ready();
  expect(await kept(app.page)).toBe(text);
  await app.page.close();
  const again = await App.open(context, network.directory.url);
  expect((await path(again))[0]).toBe(guard);
  expect(await kept(again.page)).toBe(text);
});

test("another tab of the same browser has the same guard", async ({ context }) => {
  const first = await App.open(context, network.directory.url);
  const [guard] = await path(first);
  const second = await App.open(context, network.directory.url);
  expect((await path(second))[0]).toBe(guard);
});

test("a new identity changes everything but the guard", async ({ context }) => {
  const app = await App.open(context, network.directory.url);
  const before = await path(app);
  const text = await kept(app.page);
  const middles = new Set([before[1]]);
  for (let i = 0; i < 8 && middles.size === 1; i++) {
    await app.page.getByRole("button", { name: "New identity" }).click();
    await app.page.getByTestId("confirm-identity").click();
    // Nothing is left of the tab: neither its page nor its leave to use plain http.
    await expect(app.page.getByTestId("page")).not.toHaveAttribute("data-kind", "document");
    const after = await path(app);
    expect(after[0]).toBe(before[0]);
    middles.add(after[1]);
  }
  expect(middles.size).toBe(2);
  expect(await kept(app.page)).toBe(text);
});

test("guards that are damaged are drawn anew, and the tab works as before", async ({ context }) => {
  const app = await App.open(context, network.directory.url);
  await path(app);
  await app.page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open("tabor");
        opening.onsuccess = () => {
          const writing = opening.result.transaction("guards", "readwrite").objectStore("guards");
          writing.put("tabor-guards 1\nnonsense\n", "guards").onsuccess = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
  );
  await app.page.reload();
  const [guard = ""] = await path(app);
  expect(await kept(app.page)).toContain(guard);
});
