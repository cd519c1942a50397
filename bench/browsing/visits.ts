import { type Browser, type BrowserContext, expect, type Frame } from "@playwright/test";
import { App } from "../../e2e/fixtures/app.ts";
import { VIEWPORT } from "../../e2e/farm/journeys/direct.ts";
import { hopsScript } from "./any-length.ts";
import { delayChannels } from "./delay-channels.mjs";

/** Visited before, so that programs are compiled and the browser is warm; of another site, so that nothing else is known. */
const WARM_UP = "https://wiki.test/";
/** A clean circuit is always kept ready; this is for a person to go from one site to the next. */
const BETWEEN_MS = 3000;
const PATIENCE_MS = 120_000;

export interface PageLoad {
  /** Milliseconds from the navigation to the end of the load event: styles, pictures and frames have come. */
  readonly ms: number;
  /** Pictures that are shown. */
  readonly images: number;
}

export interface AppOptions {
  /** Of the app. */
  readonly url: string;
  readonly hops: number;
  /** Added to what the tab sends; its guard does the same. */
  readonly delayMs: number;
}

/** Opens a page in a browser that goes there itself. */
export async function loadDirectly(browser: Browser, address: string): Promise<PageLoad> {
  const context = await freshContext(browser);
  try {
    const page = await context.newPage();
    await page.goto(WARM_UP);
    await page.goto(address);
    return await loaded(() => Promise.resolve(page.mainFrame()));
  } finally {
    await context.close();
  }
}

/** Does something in Tabor's web app, in a new profile, when it is warm. */
export async function inApp<T>(
  browser: Browser,
  options: AppOptions,
  action: (app: App) => Promise<T>,
): Promise<T> {
  const context = await freshContext(browser);
  try {
    await context.addInitScript(`(${delayChannels.toString()})(RTCDataChannel, ${options.delayMs})`);
    await context.addInitScript(hopsScript(options.hops));
    const app = await App.open(context, options.url);
    await expect(app.page.getByTestId("status")).toHaveAttribute("data-tone", "ready", {
      timeout: PATIENCE_MS,
    });
    await loadInApp(app, WARM_UP);
    await app.page.waitForTimeout(BETWEEN_MS);
    return await action(app);
  } finally {
    await context.close();
  }
}

/** Presses the button, and waits for the page. */
export async function loadInApp({ page }: App, address: string): Promise<PageLoad> {
  await page.getByTestId("address").fill(address);
  const began = await page.getByTestId("go").evaluate((button: HTMLElement) => {
    button.click();
    return performance.timeOrigin + performance.now();
  });
  const frame = await page.locator("[data-testid=page-frame][data-shown]").elementHandle();
  return loaded(() => frame.contentFrame(), began);
}

/** Without motion: where there is no graphics card, drawing a progress bar takes half a processor. */
function freshContext(browser: Browser): Promise<BrowserContext> {
  return browser.newContext({ viewport: VIEWPORT, reducedMotion: "reduce", acceptDownloads: true });
}

/** @param began on the page's clock; undefined: when its navigation began. */
async function loaded(frameOf: () => Promise<Frame | null>, began?: number): Promise<PageLoad> {
  let load: PageLoad | undefined;
  // While the next page comes, the frame may have none, or the one before.
  const look = async (): Promise<number> => {
    load = await (await frameOf())?.evaluate(readLoad, began).catch(() => undefined);
    return load?.ms ?? 0;
  };
  await expect.poll(look, { timeout: PATIENCE_MS, intervals: [100] }).toBeGreaterThan(0);
  if (load === undefined) throw new Error("nothing was loaded");
  return load;
}

/** In the page that was loaded, or is being loaded. */
function readLoad(began: number | undefined): PageLoad {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const { timeOrigin } = performance;
  const ended = entry?.loadEventEnd ?? 0;
  return {
    ms: ended === 0 ? 0 : timeOrigin + ended - (began ?? timeOrigin),
    images: [...document.images].filter(({ naturalWidth }) => naturalWidth > 0).length,
  };
}
