/** The web app in a real browser: a page through three hops, and nothing around them. */
import { expect, test } from "@playwright/test";
import { App } from "./fixtures/app.ts";
import { type RunningNetwork, startNetwork } from "./fixtures/network.ts";
import { ownerOfPort } from "./fixtures/owner-of-port.ts";
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

test("the app is served with a strict policy, and keeps to it", async ({ context }) => {
  const page = await context.newPage();
  const response = await page.goto(network.directory.url);
  const policy = response?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toMatch(/frame-src view\.tabor\.localhost:\d+ \*\.view\.tabor\.localhost:\d+;/);
  expect(policy).not.toMatch(/unsafe|https?:|[ ;]\*[ ;]/);
  const app = await App.open(context, network.directory.url);
  await app.ready();
  await app.goPlain(`${site.origin}/page`);
  await app.shows("document");
  expect(app.complaints).toEqual([]);
});

test("a site's page comes through three hops, and from the exit alone", async ({ context }) => {
  const app = await App.open(context, network.directory.url);
  await app.ready();
  const before = site.visits.length;
  await app.goPlain(`${site.origin}/held/4`);
  await expect.poll(() => site.visits.length).toBe(before + 1);
  const pids = [process.pid, ...[...network.relays, ...network.exits].map(({ pid }) => pid)];
  expect(site.visits.slice(before).map(({ port }) => ownerOfPort(port, pids))).toEqual([
    network.exits[0]?.pid,
  ]);
  site.release();

  await app.go(`${site.origin}/page`);
  await expect(app.document.locator("#greeting")).toHaveText("Hello from the other side");
  const hops = await app.hops();
  expect(hops.map(({ role }) => role)).toEqual(["guard", "middle", "exit"]);
  expect(new Set(hops.map(({ relay }) => relay)).size).toBe(3);
});

/** What a page without scripts is made of; everything else in the hostile page is not asked for, not even through the network. */
const PARTS = [
  "style",
  "import",
  "image",
  "srcset",
  "background",
  "body",
  "poster",
  "video",
  "audio",
  "frame",
];

test("a hostile page runs nothing, asks for its parts through the network alone, and stays in its frame", async ({
  context,
}) => {
  const app = await App.open(context, network.directory.url);
  await app.ready();
  const before = site.visits.length;
  await app.goPlain(`${site.origin}/hostile`);
  await expect(app.document.locator("#greeting")).toHaveText("Hostile page");
  await app.document.locator("body").click();
  // Whatever the page could start has started before the next page has come all the way.
  await app.go(`${site.origin}/page`);
  await expect(app.document.locator("#greeting")).toHaveText("Hello from the other side");
  const allowed = new Set(["/hostile", "/page", "/favicon.ico", ...PARTS.map((part) => `/escaped-${part}`)]);
  const paths = site.visits.slice(before).map(({ path }) => path);
  expect(paths).toContain("/escaped-style");
  expect(paths.filter((path) => !allowed.has(path))).toEqual([]);
  const { host, port } = new URL(network.directory.url);
  const ours = new Set([host, `app.tabor.localhost:${port}`, `view.tabor.localhost:${port}`]);
  const asked = app.requests.filter((url) => !/^(?:about|blob|data):/.test(url));
  expect(asked.filter((url) => !ours.has(new URL(url).host))).toEqual([]);
});

test("a link leads on through the network", async ({ context }) => {
  const app = await App.open(context, network.directory.url);
  await app.ready();
  await app.goPlain(`${site.origin}/page`);
  await app.document.getByText("Elsewhere").click();
  await expect(app.document.locator("body")).toContainText("There is nothing here.");
  expect(site.visits.at(-1)?.path).toBe("/missing");
});

test("what cannot be reached is told, with the place where it failed", async ({ context }) => {
  const app = await App.open(context, network.directory.url);
  await app.ready();
  const closed = await startSite();
  await closed.close();
  await app.goPlain(closed.origin);
  await app.shows("failed");
  await expect(app.page.getByTestId("page-title")).toContainText("refused");
  await app.go("http://does-not-exist.invalid/");
  await app.shows("failed");
  await expect(app.page.getByTestId("way-tried").getByTestId("hop")).toHaveCount(3);
  await expect(app.page.locator("[data-failed]")).toHaveAttribute("data-role", "exit");
  await app.go("http://10.0.0.1/");
  await app.shows("failed");
  await expect(app.page.getByTestId("page-title")).toContainText("No exit");
});

test("a site that cannot prove who it is is refused, with no way around", async ({ context }) => {
  const impostor = await startSite("https");
  const app = await App.open(context, network.directory.url);
  await app.ready();
  await app.go(`${impostor.origin}/page`);
  await app.shows("failed");
  await expect(app.page.getByTestId("page-title")).toContainText("cannot prove who it is");
  await expect(app.page.getByTestId("allow-http")).toHaveCount(0);
  expect(impostor.visits).toEqual([]);
  await impostor.close();
});
