import { appendFile, cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, expect, type FrameLocator, type Page } from "@playwright/test";
import { BUILT_WEB_APP } from "../../fixtures/directory.ts";
import { type RunningNetwork, startNetwork } from "../../fixtures/network.ts";
import { environmentFor, type Farm } from "../network/farm.ts";
import type { Downloaded, Surface } from "./surface.ts";
import { VIEWPORT } from "./direct.ts";

/** A network whose exits find the farm, with the web app that trusts the farm's root besides Mozilla's. */
export async function startNetworkTo(farm: Farm): Promise<RunningNetwork> {
  const web = await mkdtemp(join(tmpdir(), "tabor-farm-app-"));
  await cp(BUILT_WEB_APP, web, { recursive: true });
  const assets = join(web, "app/assets");
  const roots = (await readdir(assets)).filter((name) => name.endsWith(".pem"));
  for (const name of roots) await appendFile(join(assets, name), `\n${farm.authority.rootPem}\n`);
  const network = await startNetwork({ relays: 2, exits: 1, web, exitEnvironment: environmentFor(farm) });
  return {
    ...network,
    stop: async () => {
      await network.stop();
      await rm(web, { recursive: true });
    },
  };
}

/** Pages opened in Tabor's web app, in a tab of it, through three hops. */
export class AppSurface implements Surface {
  readonly name = "Tabor";
  readonly level: Surface["level"];
  readonly #page: Page;

  private constructor(page: Page, level: Surface["level"]) {
    this.#page = page;
    this.level = level;
  }

  static async open(
    context: BrowserContext,
    network: RunningNetwork,
    level: Surface["level"] = "safest",
  ): Promise<AppSurface> {
    const page = await context.newPage();
    await page.goto(network.directory.url);
    await expect(page.getByTestId("status")).toHaveAttribute("data-tone", "ready");
    const app = new AppSurface(page, level);
    if (level === "standard") await app.allowScripts();
    return app;
  }

  /** The page of the app itself. */
  get window(): Page {
    return this.#page;
  }

  /** Standard, for the tab that is shown. */
  async allowScripts(): Promise<void> {
    await this.#page.getByTestId("level").click();
    await this.#page.getByTestId("level-standard").check();
    await this.#page.getByTestId("sheet-close").click();
  }

  async newIdentity(): Promise<void> {
    // Not by its key: one that is pressed while the focus passes to a page that has just come reaches nobody.
    await this.#page.getByTestId("new-identity").click();
    await this.#page.getByTestId("confirm-identity").click();
    await expect(this.#page.getByTestId("status")).toHaveAttribute("data-tone", "ready");
  }

  get shown(): FrameLocator {
    return this.#page.frameLocator("[data-testid=page-frame][data-shown]");
  }

  async open(address: string): Promise<void> {
    await this.#go(address);
    await expect(this.#area).toHaveAttribute("data-kind", "document");
  }

  async openInVain(address: string): Promise<string> {
    await this.#go(address);
    await expect(this.#area).toHaveAttribute("data-kind", "failed");
    return this.#page.getByTestId("page-title").innerText();
  }

  /** The field leaves out `https:` and the slash of a site's first page. */
  async address(): Promise<string> {
    const value = await this.#page.getByTestId("address").inputValue();
    return new URL(value.includes("://") ? value : `https://${value}`).href;
  }

  async title(): Promise<string> {
    const title = await this.#page.locator("[data-testid=tab][aria-selected=true]").innerText();
    return title.trim();
  }

  back(): Promise<void> {
    return this.#page.getByTestId("back").click();
  }

  forward(): Promise<void> {
    return this.#page.getByTestId("forward").click();
  }

  reload(): Promise<void> {
    return this.#page.getByTestId("reload").click();
  }

  picture(): Promise<Buffer> {
    const frame = this.#page.locator("[data-testid=page-frame][data-shown]");
    return frame.screenshot({ animations: "disabled", caret: "hide" });
  }

  async download(start: () => Promise<void>): Promise<Downloaded> {
    await start();
    const saved = this.#page.waitForEvent("download");
    await this.#page.getByTestId("accept").last().click();
    const download = await saved;
    const bytes = await readFile(await download.path());
    await this.#page.getByTestId("sheet-close").click();
    return { fileName: download.suggestedFilename(), bytes };
  }

  /** Makes the frame of the page as large as what the page is compared with. */
  async resize(): Promise<void> {
    const frame = this.#page.locator("[data-testid=page-frame][data-shown]");
    const box = await frame.boundingBox();
    const window = this.#page.viewportSize();
    if (box === null || window === null) throw new Error("no page is shown");
    await this.#page.setViewportSize({
      width: window.width + VIEWPORT.width - Math.round(box.width),
      height: window.height + VIEWPORT.height - Math.round(box.height),
    });
  }

  get #area(): ReturnType<Page["getByTestId"]> {
    return this.#page.getByTestId("page");
  }

  async #go(address: string): Promise<void> {
    await this.#page.getByTestId("address").fill(address);
    await this.#page.getByTestId("go").click();
    // Where a page is on its way there is "Stop".
    await expect(this.#page.getByTestId("reload")).toBeVisible({ timeout: 60_000 });
  }
}
