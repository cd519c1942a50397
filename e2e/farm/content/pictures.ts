import { readFileSync } from "node:fs";
import { PNG } from "pngjs";
import { numberOf } from "./text.ts";

const made = new Map<string, Buffer>();

/** A PNG of this size with a pattern of its own; the same in every run, and made once, as a site has its pictures ready. */
export function picture(seed: string, width: number, height: number): Buffer {
  const key = `${seed} ${width} ${height}`;
  const bytes = made.get(key) ?? draw(seed, width, height);
  made.set(key, bytes);
  return bytes;
}

function draw(seed: string, width: number, height: number): Buffer {
  const png = new PNG({ width, height });
  const [red, green, blue] = ["r", "g", "b"].map((colour) => 64 + numberOf(`${seed}/${colour}`, 160));
  const step = 8 + numberOf(seed, 24);
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const light = (Math.floor(x / step) + Math.floor(y / step)) % 2 === 0 ? 255 : (x * 255) / width;
    png.data.set([((red ?? 0) + light) / 2, ((green ?? 0) + light) / 2, blue ?? 0, 255], at * 4);
  }
  return PNG.sync.write(png, { deflateLevel: 6 });
}

export function drawing(seed: string, width: number, height: number): string {
  const colour = `hsl(${numberOf(seed, 360)} 60% 50%)`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 10 10"
    preserveAspectRatio="none"><rect width="10" height="10" fill="${colour}"/><circle cx="5" cy="5" r="3" fill="#fff"/></svg>`;
}

const MEDIA = {
  "photo.jpg": "image/jpeg",
  "photo.webp": "image/webp",
  "photo.avif": "image/avif",
  "photo.gif": "image/gif",
  "clip.webm": "video/webm",
  "clip.mp4": "video/mp4",
  "bars.woff2": "font/woff2",
} as const;

export type MediaName = keyof typeof MEDIA;

/** A file that code here cannot make, of `e2e/farm/media`. */
export function media(name: MediaName): { readonly type: string; readonly bytes: Buffer } {
  return { type: MEDIA[name], bytes: readFileSync(new URL(`../media/${name}`, import.meta.url)) };
}

export function isMediaName(name: string): name is MediaName {
  return name in MEDIA;
}
