import type { Addresses } from "../address.ts";
import { attribute, type Element } from "./tree.ts";
import { relationsOf } from "./survey.ts";

/** Side, in pixels, of the icon that a tab shows on a dense screen. */
const WANTED = 32;

/** Addresses of a page's icons, best first: pictures before drawings, of about the size that is shown. */
export function iconsOf(links: readonly Element[], addresses: Addresses): readonly URL[] {
  return links
    .map((link) => ({ url: addresses.resolve(attribute(link, "href") ?? ""), cost: costOf(link) }))
    .filter((icon): icon is { url: URL; cost: number } => icon.url !== undefined)
    .sort((a, b) => a.cost - b.cost)
    .map(({ url }) => url);
}

function costOf(link: Element): number {
  const type = attribute(link, "type") ?? "";
  const isDrawing = type.includes("svg") || /\.svg\b/i.test(attribute(link, "href")?.slice(0, 4096) ?? "");
  const isForPhones = !relationsOf(link).includes("icon");
  return (isDrawing ? 1000 : 0) + (isForPhones ? 100 : 0) + sizeCost(attribute(link, "sizes") ?? "");
}

/** 0 for the size that is wanted, 1 to 8 for doublings above it, more for halvings below, between for unknown ones. */
function sizeCost(sizes: string): number {
  const sides = [...sizes.slice(0, 200).matchAll(/(\d{1,4})x\d{1,4}/gi)].map(([, side]) => Number(side));
  if (sides.length === 0) return 2;
  return Math.min(...sides.map((side) => costOfSide(Math.max(1, side))));
}

function costOfSide(side: number): number {
  const doublings = Math.log2(side / WANTED);
  return doublings >= 0 ? Math.min(8, doublings) : 10 - doublings;
}
