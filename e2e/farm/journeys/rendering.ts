import { expect } from "@playwright/test";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import type { Surface } from "./surface.ts";

/** What a page came to on a screen. */
export interface Rendering {
  readonly title: string;
  /** As it is read, white space collapsed. */
  readonly text: string;
  readonly images: { readonly loaded: number; readonly failed: number };
  readonly picture: Buffer;
}

/** Opens a page, scrolls through it so that what is lazy comes, and waits for its pictures. */
export async function render(surface: Surface, address: string): Promise<Rendering> {
  await surface.open(address);
  await bringAllImages(surface);
  const text = await surface.shown.locator("body").innerText();
  return {
    title: await surface.title(),
    text: text.replace(/\s+/g, " ").trim(),
    images: await imagesOf(surface),
    picture: await surface.picture(),
  };
}

/** How much of two pictures differs, 0 to 1; all of it if their sizes differ. */
export function difference(a: Buffer, b: Buffer): number {
  const [left, right] = [PNG.sync.read(a), PNG.sync.read(b)];
  const { width, height } = left;
  if (width !== right.width || height !== right.height) return 1;
  return pixelmatch(left.data, right.data, undefined, width, height, { threshold: 0.1 }) / (width * height);
}

async function bringAllImages(surface: Surface): Promise<void> {
  const images = surface.shown.locator("img");
  // Chromium loads lazy images some screens before they are seen: every tenth is often enough.
  for (let i = 0; i < (await images.count()); i += 10) await images.nth(i).scrollIntoViewIfNeeded();
  if ((await images.count()) > 0) await images.last().scrollIntoViewIfNeeded();
  await expect.poll(async () => pendingImages(surface), { timeout: 60_000 }).toBe(0);
  await surface.shown.locator("body").evaluate((body) => body.ownerDocument.defaultView?.scrollTo(0, 0));
}

function pendingImages(surface: Surface): Promise<number> {
  return surface.shown
    .locator("img")
    .evaluateAll((images) => images.filter((image) => !(image as HTMLImageElement).complete).length);
}

export function imagesOf(surface: Surface): Promise<Rendering["images"]> {
  return surface.shown.locator("img").evaluateAll((images) => {
    const loaded = images.filter((image) => (image as HTMLImageElement).naturalWidth > 0).length;
    return { loaded, failed: images.length - loaded };
  });
}
