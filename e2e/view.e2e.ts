/** Pages of an https site, used in the web app through three hops; and what the web server hears of it. */
import { readFile } from "node:fs/promises";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { App } from "./fixtures/app.ts";
import { bytesOf, sha256 } from "./fixtures/content.ts";
import { type RunningNetwork, startNetwork } from "./fixtures/network.ts";
import { FILE_LENGTH, type SecureSite, startSecureSite } from "./fixtures/secure-site.ts";
import { trustingWebApp } from "./fixtures/trusting-web-app.ts";

let network: RunningNetwork;
let site: SecureSite;
let removeWebApp: () => Promise<void>;
test.beforeAll(async () => {
  site = await startSecureSite();
  const web = await trustingWebApp(site.rootPem);
  removeWebApp = () => web.remove();
  network = await startNetwork({ relays: 2, exits: 1, web: web.folder });
});
test.afterAll(async () => {
  await network.stop();
  await site.close();
  await removeWebApp();
});

/** The app, showing the site's first page. */
async function atHome(context: BrowserContext): Promise<App> {
  const app = await App.open(context, network.directory.url);
  await app.ready();
  await app.go(`${site.origin}/`);
  await expect(app.document.locator("#greeting")).toHaveText("Hello over https");
  return app;
}

const addressOf = (app: App): Promise<string> => app.page.getByTestId("address").inputValue();
/** The browser's own. */
const backBy = (app: App): Promise<void> => app.page.evaluate(() => history.back());
const lengthOf = (app: App): Promise<number> => app.page.evaluate(() => history.length);
const here = (app: App) => app.document.locator("#here");

test("a page comes with its style and its pictures, and runs no scripts", async ({ context }) => {
  const app = await atHome(context);
  await expect(app.document.locator("#greeting")).toHaveCSS("color", "rgb(1, 2, 3)");
  const width = (image: Element): number => (image as HTMLImageElement).naturalWidth;
  await expect.poll(() => app.document.locator("#picture").evaluate(width)).toBe(1);
  await expect.poll(() => site.visits.some(({ path }) => path === "/background.png")).toBe(true);
  await expect(app.page.getByTestId("page-frame")).toHaveAttribute("title", "A secure home");
});

test("cookies stay with the site, and are sent to it again", async ({ context }) => {
  const app = await atHome(context);
  await app.document.getByText("Log in").click();
  await expect(here(app)).toHaveText("In");
  await app.go(`${site.origin}/who`);
  await expect(here(app)).toHaveText("who=me");
  expect(await context.cookies()).toEqual([]);
});

test("a redirect leads on, to the place in the page that it names", async ({ context }) => {
  const app = await atHome(context);
  await app.document.getByText("Moved").click();
  await expect(here(app)).toHaveText("?moved");
  await expect(app.document.locator("#deep")).toBeInViewport();
  const before = site.visits.length;
  await app.document.getByText("Up").click();
  await expect(here(app)).toBeInViewport();
  expect(site.visits.length).toBe(before);
});

test("forms are sent with GET, and with files by POST", async ({ context }) => {
  const app = await atHome(context);
  await app.document.getByText("Search").click();
  await expect(here(app)).toHaveText("?q=a+b");
  await app.go(`${site.origin}/`);
  const content = bytesOf(300_000);
  const file = { name: "photo.bin", mimeType: "application/octet-stream", buffer: content };
  await app.document.getByLabel("File to send").setInputFiles(file);
  await app.document.getByRole("button", { name: "Post" }).click();
  await expect(here(app)).toContainText("bytes");
  const posted = site.visits.findLast(({ path }) => path === "/post");
  expect(posted?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
  expect(posted?.headers["content-length"]).toBe(String(posted?.body.length));
  expect(posted?.body.includes(content)).toBe(true);
});

test("links, forms and places within a page leave nothing in the browser's own history, whose back is the tab's", async ({
  context,
}) => {
  const app = await atHome(context);
  const length = await lengthOf(app);
  await app.document.getByText("Moved").click();
  await expect(here(app)).toHaveText("?moved");
  await expect.poll(() => addressOf(app)).toMatch(/\/there\?moved#deep$/);
  await app.document.getByText("Up").click();
  await expect.poll(() => addressOf(app)).toMatch(/#here$/);
  await backBy(app);
  await expect.poll(() => addressOf(app)).toMatch(/#deep$/);
  await expect(app.document.locator("#deep")).toBeInViewport();
  await backBy(app);
  await expect(app.document.locator("#greeting")).toBeVisible();
  await app.document.getByText("Search").click();
  await expect(here(app)).toHaveText("?q=a+b");
  expect(await lengthOf(app)).toBe(length);
  await backBy(app);
  await expect(app.document.locator("#greeting")).toBeVisible();
  await app.document.getByRole("button", { name: "Post" }).click();
  await expect(here(app)).toContainText("bytes");
  expect(await lengthOf(app)).toBe(length);
});

test("the browser's own back leads through the places of a page, one after the other, and forward again", async ({
  context,
}) => {
  const app = await atHome(context);
  const length = await lengthOf(app);
  await app.go(`${site.origin}/there`);
  await expect(here(app)).toBeVisible();
  for (let round = 0; round < 5; round++) {
    for (const [link, place] of [
      ["On", "end"],
      ["Up", "here"],
      ["On", "end"],
    ] as const) {
      await app.document.getByText(link, { exact: true }).click();
      await expect.poll(() => addressOf(app)).toMatch(new RegExp(`#${place}$`));
      await expect(app.document.locator(`#${place}`)).toBeInViewport();
    }
    for (const place of ["here", "end"]) {
      await backBy(app);
      // As soon as it is named: a person may press at once.
      await expect.poll(() => addressOf(app), { intervals: [5] }).toMatch(new RegExp(`#${place}$`));
    }
    await expect(app.document.locator("#end:target")).toHaveCount(1);
    await app.page.evaluate(() => history.forward());
    await expect.poll(() => addressOf(app)).toMatch(/#here$/);
    await expect(app.document.locator("#here:target")).toHaveCount(1);
  }
  expect(await lengthOf(app)).toBe(length);
});

test("a link in a tab of its own is opened beside, and its address is named where it is pointed at", async ({
  context,
}) => {
  const app = await atHome(context);
  await app.document.getByText("Who am I").hover();
  await expect(app.page.getByTestId("pointed")).toHaveText(/^localhost:\d+\/who$/);
  await app.document.getByText("Who am I").click({ modifiers: ["Control"] });
  await expect(app.page.getByRole("tab")).toHaveCount(2);
  await expect(app.page.getByRole("tab", { selected: true })).toHaveText(/A secure home/);
  expect(context.pages()).toHaveLength(1);
  await app.page.getByRole("tab", { name: "Who" }).click();
  await expect(app.page.getByTestId("address")).toHaveValue(/\/who$/);
});

test("a file is offered, and saved as it is when the person accepts it", async ({ context }) => {
  const app = await atHome(context);
  await app.document.getByText("File", { exact: true }).click();
  const [download] = await Promise.all([
    app.page.waitForEvent("download"),
    app.page.getByTestId("accept").click(),
  ]);
  expect(download.suggestedFilename()).toBe("a.zip");
  expect(sha256(await readFile(await download.path()))).toBe(sha256(bytesOf(FILE_LENGTH)));
  await expect(app.document.locator("#greeting")).toBeVisible();
});

test("the page's keys reach the app, which finds and zooms in the page", async ({ context }) => {
  const app = await atHome(context);
  const greeting = app.document.locator("#greeting");
  await greeting.click();
  await app.page.keyboard.press("Control+f");
  await app.page.getByTestId("find").fill("OVER https");
  await expect(app.page.getByTestId("found")).toContainText("1");
  await app.page.keyboard.press("Escape");
  const height = async (): Promise<number> => (await greeting.boundingBox())?.height ?? 0;
  const before = await height();
  await greeting.click();
  await app.page.keyboard.press("Control+Equal");
  await expect.poll(height).toBeGreaterThan(before);
  await app.document.getByText("Log in").click();
  const zoom = (): string => document.documentElement.style.zoom;
  await expect.poll(() => here(app).evaluate(zoom)).toMatch(/^1\./);
});

test("pages go on when the browser has ended the service worker", async ({ context }) => {
  const app = await atHome(context);
  await endServiceWorkers(app.page);
  await app.document.getByText("Log in").click();
  await expect(here(app)).toHaveText("In");
});

test("a reload past all caches leaves the app able to show pages", async ({ context }) => {
  const app = await atHome(context);
  const devtools = await context.newCDPSession(app.page);
  await devtools.send("Page.reload", { ignoreCache: true });
  await app.ready();
  await app.go(`${site.origin}/who`);
  await expect(here(app)).toBeVisible();
});

test("without its service worker the view shows nothing, and the site hears nothing", async ({ browser }) => {
  const context = await browser.newContext({ serviceWorkers: "block" });
  const app = await App.open(context, network.directory.url);
  await app.ready();
  const before = site.visits.length;
  await app.go(`${site.origin}/`);
  await app.shows("failed");
  // The boot page had come, and could not install it.
  expect(app.requests.some((url) => url.includes("//view."))).toBe(true);
  await expect(app.document.locator("#greeting")).toHaveCount(0);
  expect(site.visits.length).toBe(before);
  await context.close();
});

test("in a window of its own an address of the view shows nothing", async ({ context }) => {
  const app = await atHome(context);
  const address = await app.document.locator("#greeting").evaluate(() => location.href);
  const other = await context.newPage();
  await other.goto(address);
  await expect(other.locator("body")).toHaveText("Open this in Tabor's app.");
});

test("the web server hears nothing of where a person goes", async ({ context }) => {
  const app = await atHome(context);
  const address = await app.document.locator("#greeting").evaluate(() => location.href);
  const other = await (await context.browser()?.newContext())?.newPage();
  // Without the service worker, as after a hard reload: the token reaches the server, which makes nothing of it.
  await other?.goto(address);
  await expect(other?.locator("body") ?? app.page.locator("none")).toHaveText(
    "There is nothing at this address.",
  );
  const records = network.directory.program.text;
  const paths = [...records.matchAll(/"host":"view","method":"GET","path":"([^"]*)"/g)].map(
    ([, path = ""]) => path,
  );
  expect(paths).toContain("/~sw.js");
  const allowed = /^(?:\/~boot|\/~sw\.js|\/~a\/[\w-]+\.js|\((?:a page's|a token)\))$/;
  expect(paths.filter((path) => !allowed.test(path))).toEqual([]);
  expect(records).not.toMatch(/localhost:\d+\/|secure home|Hello over https|greeting/);
  await other?.context().close();
});

/** Ends every service worker as the browser does when they are idle. */
async function endServiceWorkers(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("ServiceWorker.enable");
  await devtools.send("ServiceWorker.stopAllWorkers");
}
