import { stat } from "node:fs/promises";
import type { Browser, Download, Page } from "@playwright/test";
import type { App } from "../../e2e/fixtures/app.ts";

const LENGTH = 32 * 1_048_576;
const PATIENCE_MS = 600_000;
/** A page with a link to the file. */
const FROM = "https://downloads.test/";
const FILE = `/bytes/${LENGTH}/plain`;

/** @returns MiB/s of a file of 32 MiB over https, with a browser that goes there itself. */
export async function downloadDirectly(browser: Browser): Promise<number> {
  const context = await browser.newContext({ acceptDownloads: true });
  try {
    const page = await context.newPage();
    await page.goto(FROM);
    const began = performance.now();
    const [download] = await Promise.all([
      downloadIn(page),
      page.evaluate((to) => void (location.href = to), FILE),
    ]);
    return await speed(download, began);
  } finally {
    await context.close();
  }
}

/** The same in Tabor's web app, from the person's consent to the saved file. */
export async function downloadInApp({ page }: App): Promise<number> {
  await page.getByTestId("address").fill(new URL(FILE, FROM).href);
  await page.getByTestId("go").click();
  const accept = page.getByTestId("accept").last();
  await accept.waitFor({ timeout: PATIENCE_MS });
  const began = performance.now();
  const [download] = await Promise.all([downloadIn(page), accept.click()]);
  return speed(download, began);
}

function downloadIn(page: Page): Promise<Download> {
  return page.waitForEvent("download", { timeout: PATIENCE_MS });
}

async function speed(download: Download, began: number): Promise<number> {
  const { size } = await stat(await download.path());
  if (size !== LENGTH) throw new Error(`a file of ${size} bytes came`);
  return LENGTH / 1_048_576 / ((performance.now() - began) / 1000);
}
