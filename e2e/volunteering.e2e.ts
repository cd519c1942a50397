/** A tab that volunteers: its limits hold, it stays the same relay, it is one for all tabs of its browser, and when it is switched off clients go on elsewhere. */
import { spawn } from "node:child_process";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { App } from "./fixtures/app.ts";
import { linkedWith, type RunningNetwork, startNetwork } from "./fixtures/network.ts";
import { type Site, startSite } from "./fixtures/site.ts";
import { startSocks } from "./fixtures/socks.ts";

test.describe.configure({ mode: "serial" });

let network: RunningNetwork;
let site: Site;
/** The browser whose tab is the one middle there is. */
let context: BrowserContext;
let volunteer: App;
let client: App;
let relay: string;

test.beforeAll(async ({ browser }) => {
  [network, site] = await Promise.all([startNetwork({ relays: 1, exits: 1 }), startSite()]);
  context = await browser.newContext();
  volunteer = await App.open(context, network.directory.url);
});
test.afterAll(async ({ browser }) => {
  for (const one of browser.contexts()) await one.close();
  await network.stop();
  await site.close();
});

const PEERS = 2;
const PATIENCE = { timeout: 200_000 };

async function shows(app: App, state: string): Promise<void> {
  await expect(app.page.getByTestId("volunteer-state")).toHaveAttribute("data-state", state);
}

interface Count {
  /** Milliseconds. */
  readonly at: number;
  readonly bytes: number;
}

const STRETCH_MS = 5000;

/** 0 if there is nothing to compare. */
function perSecond(from: Count | undefined, to: Count | undefined): number {
  return from === undefined || to === undefined ? 0 : ((to.bytes - from.bytes) * 1000) / (to.at - from.at);
}

/** What the counter of sent bytes shows while it grows, and when; until so many seconds have passed from the first. */
function counted(page: Page, seconds: number): Promise<Count[]> {
  return page.evaluate(async (wanted) => {
    const find = (): Element | null | undefined =>
      document
        .querySelector("tabor-frame")
        ?.shadowRoot?.querySelector("tabor-page-area")
        ?.shadowRoot?.querySelector("tabor-volunteer")
        ?.shadowRoot?.querySelector("[data-testid=relay-bytes-out]");
    const seen: Count[] = [];
    const began = performance.now();
    while (performance.now() - began < wanted * 1000) {
      const bytes = Number(find()?.getAttribute("data-value"));
      if (bytes !== seen.at(-1)?.bytes) seen.push({ at: performance.now(), bytes });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return seen;
  }, seconds);
}

/** Each count of circuits that is shown in so many seconds. */
async function circuitsSeen(page: Page, seconds: number): Promise<number[]> {
  const seen: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end)
    seen.push(Number(await page.getByTestId("relay-circuits").getAttribute("data-value")));
  return seen;
}

/** What the browser is to remember of its day, while it is no relay. */
function setBytesOfDay(page: Page, bytes: number): Promise<void> {
  return page.evaluate(
    (bytesOfDay) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open("tabor-volunteer");
        opening.onsuccess = () => {
          const database = opening.result;
          const change = database.transaction("volunteer", "readwrite");
          const store = change.objectStore("volunteer");
          const getting = store.get("totals") as IDBRequest<{ data: object }>;
          getting.onsuccess = () => {
            const totals = getting.result;
            store.put({ ...totals, data: { ...totals.data, bytesOfDay } }, "totals");
          };
          change.oncomplete = () => {
            database.close();
            resolve();
          };
          change.onerror = () => reject(new Error("not stored"));
        };
      }),
    bytes,
  );
}

test("begins with consent, links to the others, and sees by itself that it works", async () => {
  const { page } = volunteer;
  await page.getByTestId("view-volunteer").click();
  await page.getByTestId("volunteer-switch").click();
  await expect(page.getByTestId("consent")).toBeVisible();
  await shows(volunteer, "off");
  await page.getByTestId("consent-yes").click();
  await volunteer.linked(PEERS);
  relay = (await page.getByTestId("relay-id").getAttribute("data-value")) ?? "";
  await expect(page.getByTestId("self-test")).toHaveAttribute("data-state", "passed");
  await network.exits[0]?.message(linkedWith(PEERS));
});

test("sends no more and no less than its limit, as its own counters say", async ({ browser }) => {
  const { page } = volunteer;
  client = await App.open(await browser.newContext(), network.directory.url);
  await client.ready();
  await client.goPlain(`${site.origin}/page`);
  await client.shows("document");
  expect((await client.hops())[1]).toMatchObject({ relay, platform: "tab" });
  const rate = 64 * 1024;
  await page.getByTestId("limit-upload").selectOption("64");
  const sent = async (): Promise<number> =>
    Number(await page.getByTestId("relay-bytes-out").getAttribute("data-value"));
  const before = await sent();
  await client.go(`${site.origin}/long/3072`);
  // What may go at once has gone.
  await expect.poll(sent).toBeGreaterThan(before + 4 * rate);
  const seen = await counted(page, 20);
  const counts = seen.slice(1);
  expect(perSecond(counts[0], counts.at(-1)) / rate).toBeLessThan(1.05);
  // A machine that stands still for a while sends less: what counts is the best stretch.
  const stretches = counts.map((from) =>
    perSecond(
      from,
      counts.find(({ at }) => at >= from.at + STRETCH_MS),
    ),
  );
  expect(Math.max(...stretches) / rate).toBeGreaterThan(0.95);
  await expect(page.getByTestId("volunteer-state")).toContainText("Helping with");
  await page.getByTestId("limit-upload").selectOption("");
  await page.getByTestId("limit-download").selectOption("");
  await expect(client.document.locator("#greeting")).toHaveText("Long");
  expect(volunteer.complaints).toEqual([]);
});

test("is the same relay after a reload, and one for all tabs of its browser", async () => {
  await volunteer.page.reload();
  await volunteer.page.getByTestId("view-volunteer").click();
  await volunteer.linked(PEERS);
  await expect(volunteer.page.getByTestId("relay-id")).toHaveAttribute("data-value", relay);

  const second = await App.open(context, network.directory.url);
  await second.page.getByTestId("view-volunteer").click();
  await shows(second, "elsewhere");
  await volunteer.page.close();
  await second.linked(PEERS);
  await expect(second.page.getByTestId("relay-id")).toHaveAttribute("data-value", relay);
  await expect(second.page.getByTestId("total-circuits")).not.toHaveAttribute("data-value", "0");
  volunteer = second;
});

test("rests while the device is offline, and comes back by itself", async () => {
  await context.setOffline(true);
  await shows(volunteer, "resting");
  await context.setOffline(false);
  await volunteer.linked(PEERS);
  await expect(volunteer.page.getByTestId("relay-id")).toHaveAttribute("data-value", relay);
});

test("carries no more circuits at a time than its limit", async () => {
  test.setTimeout(600_000);
  const { page } = volunteer;
  const most = 10;
  await page.getByTestId("limit-circuits").selectOption(String(most));
  const { url, authority } = network.directory;
  const socks = await startSocks(["--directory", url, "--authority", authority]);
  // Each user has circuits of their own.
  const users = Array.from({ length: 2 * most }, (_, i) => {
    const how = ["--silent", "--socks5-hostname", socks.proxy, "--proxy-user", `user-${i}:`];
    return spawn("curl", [...how, `${site.origin}/held/400`], { stdio: "ignore" });
  });
  await expect(page.getByTestId("volunteer-state")).toContainText("As many as your limits allow", PATIENCE);
  const counts = await circuitsSeen(page, 10);
  expect(Math.max(...counts)).toBe(most);
  for (const user of users) user.kill();
  site.release();
  await socks.stop();
  await page.getByTestId("limit-circuits").selectOption("");
  await expect(page.getByTestId("volunteer-state")).not.toContainText(
    "As many as your limits allow",
    PATIENCE,
  );
});

test("rests when the data of its day is used up but for 5 %, and goes on when there is more", async () => {
  test.setTimeout(600_000);
  const { page } = volunteer;
  const limit = 2 ** 30;
  await page.getByTestId("volunteer-switch").click();
  await shows(volunteer, "off");
  await page.getByTestId("limit-perDay").selectOption("1");
  await setBytesOfDay(page, 0.95 * limit - 2 * 2 ** 20);
  await page.reload();
  await page.getByTestId("view-volunteer").click();
  await page.getByTestId("volunteer-switch").click();
  await volunteer.linked(PEERS);
  await client.page.reload();
  await client.ready();
  const used = async (): Promise<number> =>
    Number(await page.getByTestId("today-bytes").getAttribute("data-value"));
  expect((await used()) / limit).toBeLessThan(0.95);
  await client.goPlain(`${site.origin}/long/2048`);
  await expect(page.getByTestId("volunteer-state")).toContainText(
    "the data that you have set is used up",
    PATIENCE,
  );
  // What runs may end.
  await expect(page.getByTestId("counters")).toHaveCount(0);
  expect((await used()) / limit).toBeGreaterThan(0.95);
  expect((await used()) / limit).toBeLessThan(1);
  await page.getByTestId("limit-perDay").selectOption("");
  await volunteer.linked(PEERS);
  await expect(page.getByTestId("relay-id")).toHaveAttribute("data-value", relay);
});

test("switched off in the middle of a page: the client takes another circuit", async ({ browser }) => {
  await client.page.reload();
  await client.ready();
  await client.goPlain(`${site.origin}/page`);
  await client.shows("document");
  expect((await client.hops())[1]).toMatchObject({ relay });
  const other = await App.open(await browser.newContext(), network.directory.url);
  const otherRelay = await other.volunteer(PEERS + 1);
  const held = (): number => site.visits.filter(({ path }) => path.startsWith("/held/")).length;
  const before = held();
  await client.go(`${site.origin}/held/400`);
  await expect.poll(held).toBe(before + 1);
  await expect(client.page.getByTestId("progress")).toContainText(/KiB|MiB/);
  await volunteer.page.getByTestId("volunteer-switch").click();
  await shows(volunteer, "off");
  await expect.poll(held).toBe(before + 2);
  site.release();
  await expect(client.document.locator("#greeting")).toHaveText("Long");
  expect((await client.hops())[1]).toMatchObject({ relay: otherRelay });
});
