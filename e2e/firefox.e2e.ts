/** Browsing at Safest in Firefox: the app joins the network, shows a page with its parts, and leads on from it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { Browser, Page } from "puppeteer-core";
import { launch } from "puppeteer-core";
import { startNetworkTo } from "./farm/journeys/in-app.ts";
import { type Farm, startFarm } from "./farm/network/farm.ts";
import { title } from "./farm/content/text.ts";
import type { RunningNetwork } from "./fixtures/network.ts";
import { BROWSERS } from "./leak/browsers.ts";

const firefox = BROWSERS.find(({ name }) => name === "firefox")?.path;

let farm: Farm;
let network: RunningNetwork;
let browser: Browser;
let profile: string;
test.skip(
  firefox === undefined,
  "Nothing was tried in Firefox: there is none on this machine (`TABOR_FIREFOX`).",
);
test.beforeAll(async () => {
  farm = await startFarm();
  network = await startNetworkTo(farm);
  profile = await mkdtemp(join(tmpdir(), "tabor-firefox-"));
  browser = await launch({
    browser: "firefox",
    executablePath: firefox ?? "",
    headless: true,
    userDataDir: profile,
    extraPrefsFirefox: {
      // A network on one machine, whose relays know no names of mDNS.
      "media.peerconnection.ice.loopback": true,
      "media.peerconnection.ice.obfuscate_host_addresses": false,
      "network.captive-portal-service.enabled": false,
      "network.connectivity-service.enabled": false,
    },
  });
});
test.afterAll(async () => {
  await browser.close();
  await network.stop();
  await farm.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

test("a person reads the news: links, back, places within a page, and a file", async () => {
  test.setTimeout(300_000);
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(network.directory.url);
  await page.waitForSelector("pierce/[data-testid=status][data-tone=ready]");

  await go(page, "https://news.test/");
  await shows(page, "h1", "The Daily Farm");
  const length = await page.evaluate(() => history.length);
  await click(page, `a[href]`, title("news 4"));
  await shows(page, "h1", title("news 4"));
  await expect.poll(() => address(page)).toBe("news.test/article/4");
  await expect.poll(() => images(page)).toBeGreaterThan(0);
  await page.evaluate(() => {
    history.back();
  });
  await expect.poll(() => address(page)).toBe("news.test");
  await shows(page, "h1", "The Daily Farm");

  await go(page, "https://wiki.test/");
  await shows(page, "h1", title("wiki 0"));
  await click(page, "#contents a[href$='#s3']");
  await expect.poll(() => address(page)).toMatch(/^wiki\.test\/.*#s3$/);
  expect(await page.evaluate(() => history.length)).toBe(length);

  await go(page, "https://shop.test/");
  await click(page, "a", title("item 3"));
  await click(page, "button", "Add to cart");
  await shows(page, "#count", "1");
  await expect.poll(() => address(page)).toBe("shop.test/cart");

  await go(page, "https://expired.bad.test/");
  await page.waitForSelector("pierce/[data-testid=page][data-kind=failed]");
  expect(farm.visitsTo("expired.bad.test")).toEqual([]);
});

test("Standard is refused, for Firefox does not hold pages to it", async () => {
  const page = await browser.newPage();
  await page.goto(network.directory.url);
  await page.waitForSelector("pierce/[data-testid=status][data-tone=ready]");
  await page.locator("pierce/[data-testid=level]").click();
  const standard = await page.waitForSelector("pierce/[data-testid=level-standard]");
  await expect.poll(() => standard?.evaluate((input) => (input as HTMLInputElement).disabled)).toBe(true);
});

async function go(page: Page, url: string): Promise<void> {
  const field = await page.waitForSelector("pierce/[data-testid=address]");
  await field?.click({ count: 3 });
  await page.keyboard.type(url);
  await page.keyboard.press("Enter");
}

/** The document in the frame that is shown. */
async function inFrame<T>(
  page: Page,
  look: (document: Document, words: readonly string[]) => T,
  ...words: string[]
): Promise<T | undefined> {
  const frame = await page.$("iframe[data-shown]");
  const content = await frame?.contentFrame();
  return content
    ?.evaluate(`(${look.toString()})(document, ${JSON.stringify(words)})`)
    .catch(() => undefined) as Promise<T | undefined>;
}

async function shows(page: Page, selector: string, text: string): Promise<void> {
  const textOf = (document: Document, [wanted = ""]: readonly string[]): string =>
    document.querySelector(wanted)?.textContent.trim() ?? "";
  await expect.poll(() => inFrame(page, textOf, selector), { timeout: 60_000 }).toBe(text);
}

/** Clicks the first element that has this text, if one is given. */
async function click(page: Page, selector: string, text?: string): Promise<void> {
  const act = (document: Document, [wanted = "", label]: readonly string[]): boolean => {
    const all = [...document.querySelectorAll<HTMLElement>(wanted)];
    const found = all.find((element) => label === undefined || element.textContent.includes(label));
    found?.click();
    return found !== undefined;
  };
  const words = text === undefined ? [selector] : [selector, text];
  await expect.poll(() => inFrame(page, act, ...words), { timeout: 60_000 }).toBe(true);
}

async function address(page: Page): Promise<string> {
  const field = await page.waitForSelector("pierce/[data-testid=address]");
  return (await field?.evaluate((input) => (input as HTMLInputElement).value)) ?? "";
}

/** How many pictures of the page have come. */
function images(page: Page): Promise<number | undefined> {
  return inFrame(
    page,
    (document) => [...document.images].filter(({ naturalWidth }) => naturalWidth > 0).length,
  );
}
