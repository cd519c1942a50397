import { readFile } from "node:fs/promises";
import { type Browser, chromium, type Page } from "@playwright/test";
import { CHROMIUM_FLAGS, chromiumPath } from "../../fixtures/chromium.ts";
import { chromiumFlagsFor, type Farm } from "../network/farm.ts";
import type { Downloaded, Surface } from "./surface.ts";

/** What a page is given to be drawn in; one of the sizes that Tabor's pages may have. */
export const VIEWPORT = { width: 1000, height: 800 };

/** A Chromium that goes to the farm itself. */
export async function launchDirect(farm: Farm): Promise<Browser> {
  const executablePath = chromiumPath();
  return chromium.launch({
    args: [...CHROMIUM_FLAGS, ...(await chromiumFlagsFor(farm))],
    ...(executablePath === undefined ? {} : { executablePath }),
  });
}

/** Pages opened in Chromium itself, at level safest without what that level leaves out. */
export class DirectSurface implements Surface {
  readonly name = "Chromium";
  readonly level: Surface["level"];
  readonly shown: Page;

  private constructor(page: Page, level: Surface["level"]) {
    this.shown = page;
    this.level = level;
  }

  static async open(browser: Browser, level: Surface["level"]): Promise<DirectSurface> {
    const context = await browser.newContext({ viewport: VIEWPORT, javaScriptEnabled: level === "standard" });
    const page = await context.newPage();
    if (level === "safest") {
      await page.route(/\.(?:svg|woff2?|ttf|otf)(?:\?|$)/, (route) => route.abort());
    }
    return new DirectSurface(page, level);
  }

  async open(address: string): Promise<void> {
    await this.shown.goto(address);
  }

  async openInVain(address: string): Promise<string> {
    return this.shown.goto(address).then(
      () => {
        throw new Error(`${address} was shown`);
      },
      (thrown: unknown) => String(thrown),
    );
  }

  address(): Promise<string> {
    return Promise.resolve(this.shown.url());
  }

  title(): Promise<string> {
    return this.shown.title();
  }

  async back(): Promise<void> {
    await this.shown.goBack();
  }

  async forward(): Promise<void> {
    await this.shown.goForward();
  }

  async reload(): Promise<void> {
    await this.shown.reload();
  }

  picture(): Promise<Buffer> {
    return this.shown.screenshot({ animations: "disabled", caret: "hide" });
  }

  async download(start: () => Promise<void>): Promise<Downloaded> {
    const [download] = await Promise.all([this.shown.waitForEvent("download"), start()]);
    return { fileName: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }
}
