import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";
import { launch } from "puppeteer-core";
import { CHROMIUM_FLAGS, chromiumPath } from "../fixtures/chromium.ts";

/** A browser with a profile of its own on disk: in one without, some leaks do not show. */
export interface LeakBrowser {
  /** Opens an address in a new tab. */
  open(url: string): Promise<LeakTab>;
  close(): Promise<void>;
}

export interface LeakTab {
  /** A person clicks `#go` in the frame whose page has this title, maybe with a key held down. @returns whether there was such a thing. */
  click(title: string, held?: "Control" | "Shift" | "Alt"): Promise<boolean>;
  /** Waits until Tabor's app, which this tab shows, has a circuit. */
  ready(): Promise<void>;
  /** Asks Tabor's app for Standard. @returns whether it grants it. */
  standard(): Promise<boolean>;
  /** Types an address in Tabor's app. */
  go(address: string): Promise<void>;
  close(): Promise<void>;
}

export interface BrowserKind {
  readonly name: string;
  /** undefined: it is not on this machine. */
  readonly path: string | undefined;
  readonly start: (profile: string, path: string) => Promise<LeakBrowser>;
}

/** How long a click waits for what it is to hit. */
const CLICK_MS = 5000;
const NAVIGATION_MS = 8000;
/** For what must come, on a machine that may be busy. */
const WAIT_MS = 180_000;
const READY = "[data-testid=status][data-tone=ready]";
const ADDRESS = "[data-testid=address]";
const LEVEL = "[data-testid=level]";
const STANDARD = "[data-testid=level-standard]";
const CLOSE = "[data-testid=sheet-close]";
/** While the app still looks whether the browser can, the choice is disabled without a reason. */
const REFUSED = "Not available";
const PROBE_MS = 120_000;

export const BROWSERS: readonly BrowserKind[] = [
  { name: "chromium", path: chromiumPath(), start: (profile, path) => startChromium(profile, path, []) },
  {
    name: "chromium-without-allow-list",
    path: chromiumPath(),
    start: (profile, path) => startChromium(profile, path, ["--disable-features=ConnectionAllowlists"]),
  },
  {
    name: "firefox",
    path: [process.env["TABOR_FIREFOX"], "/usr/bin/firefox-esr", "/usr/bin/firefox"].find(
      (path) => path !== undefined && path !== "" && existsSync(path),
    ),
    start: startFirefox,
  },
];

async function startChromium(profile: string, path: string, more: readonly string[]): Promise<LeakBrowser> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: path,
    args: [...CHROMIUM_FLAGS, ...more],
    // Playwright switches off what people have.
    ignoreDefaultArgs: ["--disable-popup-blocking", "--disable-features"],
  });
  return {
    open: async (url) => {
      const page = await context.newPage();
      page.setDefaultTimeout(WAIT_MS);
      // What takes the page away ends this wait too; whether it leaks is seen elsewhere.
      await page.goto(url, { waitUntil: "load", timeout: NAVIGATION_MS }).catch(() => undefined);
      return {
        click: async (title, held) => {
          const target = (await titled(page.frames(), title))?.locator("#go");
          const modifiers = held === undefined ? [] : [held];
          const isHit = await target
            ?.click({ timeout: CLICK_MS, force: true, noWaitAfter: true, modifiers })
            .then(
              () => true,
              () => false,
            );
          if (held !== undefined) await page.bringToFront();
          return isHit ?? false;
        },
        ready: () => page.locator(READY).waitFor(),
        standard: async () => {
          await page.locator(LEVEL).click();
          const choice = page.locator(STANDARD);
          const refusal = page.getByText(REFUSED);
          await page.locator(`${STANDARD}:enabled`).or(refusal).waitFor({ timeout: PROBE_MS });
          const isGranted = await choice.isEnabled();
          if (isGranted) await choice.check();
          await page.locator(CLOSE).click();
          return isGranted;
        },
        go: async (address) => {
          await page.locator(ADDRESS).fill(address);
          await page.locator(ADDRESS).press("Enter");
        },
        close: async () => {
          for (const other of context.pages()) await other.close();
        },
      };
    },
    close: () => context.close(),
  };
}

/** Preferences that keep Firefox from talking for itself. */
const QUIET = {
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.trr.mode": 5,
  "dom.push.connection.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.region.update.enabled": false,
  "services.settings.server": "data:,",
  "app.normandy.enabled": false,
  "extensions.getAddons.cache.enabled": false,
  "media.gmp-manager.updateEnabled": false,
  "toolkit.telemetry.server": "data:,",
  // A network on one machine, whose relays know no names of mDNS.
  "media.peerconnection.ice.loopback": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  // As people have them.
  "network.dns.disablePrefetch": false,
  "network.prefetch-next": true,
  "network.http.speculative-parallel-limit": 20,
};

async function startFirefox(profile: string, path: string): Promise<LeakBrowser> {
  const browser = await launch({
    browser: "firefox",
    executablePath: path,
    headless: true,
    userDataDir: profile,
    extraPrefsFirefox: QUIET,
  });
  return {
    open: async (url) => {
      const page = await browser.newPage();
      page.setDefaultTimeout(WAIT_MS);
      await page.goto(url, { waitUntil: "load", timeout: NAVIGATION_MS }).catch(() => undefined);
      return {
        click: async (title, held) => {
          const frame = await titled(page.frames(), title);
          const target = await frame?.$("#go").catch(() => null);
          if (held !== undefined) await page.keyboard.down(held);
          await withLimit(target?.click(), CLICK_MS);
          if (held !== undefined) {
            await page.keyboard.up(held);
            await withLimit(page.bringToFront(), CLICK_MS);
          }
          return target !== null && target !== undefined;
        },
        ready: async () => {
          await page.waitForSelector(`pierce/${READY}`);
        },
        standard: async () => {
          await (await page.waitForSelector(`pierce/${LEVEL}`))?.click();
          const choice = await page.waitForSelector(`pierce/${STANDARD}`);
          const told = (): Promise<string | undefined> | undefined =>
            choice?.evaluate((radio) =>
              (radio as HTMLInputElement).disabled ? (radio.closest("label")?.textContent ?? "") : "granted",
            );
          const end = Date.now() + PROBE_MS;
          let answer = await told();
          while (answer !== "granted" && answer?.includes(REFUSED) !== true && Date.now() < end) {
            await new Promise((resolve) => setTimeout(resolve, 200));
            answer = await told();
          }
          if (answer !== "granted" && answer?.includes(REFUSED) !== true)
            throw new Error("the app does not say");
          if (answer === "granted") await choice?.click();
          await (await page.waitForSelector(`pierce/${CLOSE}`))?.click();
          return answer === "granted";
        },
        go: async (address) => {
          const field = await page.waitForSelector(`pierce/${ADDRESS}`);
          await field?.click({ count: 3 });
          await page.keyboard.type(address);
          await page.keyboard.press("Enter");
        },
        close: async () => {
          const pages = await browser.pages();
          for (const other of pages.slice(1)) await other.close().catch(() => undefined);
        },
      };
    },
    close: () => browser.close(),
  };
}

async function titled<F extends { title(): Promise<string> }>(
  frames: readonly F[],
  title: string,
): Promise<F | undefined> {
  for (const frame of frames) if ((await titleOf(frame)) === title) return frame;
  return undefined;
}

/** Empty for a frame that has gone; Puppeteer throws at once then. */
async function titleOf(frame: { title(): Promise<string> }): Promise<string> {
  try {
    return await frame.title();
  } catch {
    return "";
  }
}

async function withLimit(waited: Promise<void> | undefined, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    waited?.catch(() => undefined),
    new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))),
  ]);
  clearTimeout(timer);
}
