import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";
import { launch, type Frame } from "puppeteer-core";
import { CHROMIUM_FLAGS, chromiumPath } from "../fixtures/chromium.ts";

/** A browser with a profile of its own on disk: in one without, some leaks do not show. */
export interface LeakBrowser {
  /** Opens an address in a new tab. */
  open(url: string): Promise<LeakTab>;
  close(): Promise<void>;
}

export interface LeakTab {
  /** A person clicks `#go` in the frame of this name, if there is one. */
  click(frame: string): Promise<void>;
  close(): Promise<void>;
}

export interface BrowserKind {
  readonly name: string;
  /** undefined: it is not on this machine. */
  readonly path: string | undefined;
  readonly start: (profile: string, path: string) => Promise<LeakBrowser>;
}

/** How long a click waits for what it is to hit. */
const CLICK_MS = 1500;
const NAVIGATION_MS = 8000;

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
      // What takes the page away ends this wait too; whether it leaks is seen elsewhere.
      await page.goto(url, { waitUntil: "load", timeout: NAVIGATION_MS }).catch(() => undefined);
      return {
        click: async (name) => {
          const target = page.frame({ name })?.locator("#go");
          await target?.click({ timeout: CLICK_MS, force: true, noWaitAfter: true }).catch(() => undefined);
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
      await page.goto(url, { waitUntil: "load", timeout: NAVIGATION_MS }).catch(() => undefined);
      return {
        click: async (name) => {
          const frame = await frameNamed(page.frames(), name);
          const target = await frame?.$("#go").catch(() => null);
          await withLimit(target?.click(), CLICK_MS);
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

async function frameNamed(frames: readonly Frame[], name: string): Promise<Frame | undefined> {
  for (const frame of frames) {
    const element = await frame.frameElement().catch(() => null);
    const own = await element?.evaluate((node) => node.getAttribute("name")).catch(() => undefined);
    if (own === name) return frame;
  }
  return undefined;
}

async function withLimit(waited: Promise<void> | undefined, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    waited?.catch(() => undefined),
    new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))),
  ]);
  clearTimeout(timer);
}
