import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserKind, LeakBrowser, LeakTab } from "./browsers.ts";
import type { Canaries, Caught } from "./canary.ts";
import { canaryOf, LeakSite, type Mode } from "./site.ts";
import type { Vector } from "./vectors/vector.ts";

export interface Findings {
  readonly browser: string;
  readonly mode: Mode;
  readonly vectors: number;
  readonly names: readonly string[];
  /** Vectors whose page was asked for: the others prove nothing. */
  readonly shown: number;
  /** Vectors that are to be clicked, and those that then led to another page of the view. */
  readonly clickable: number;
  readonly followed: number;
  /** In the app: vectors that were clicked. */
  readonly hits?: number;
  /** By vector: how it was caught. */
  readonly leaks: Readonly<Record<string, readonly string[]>>;
  /** Caught, but no vector's: the browser's own, or an address that no vector has. */
  readonly others: readonly string[];
  /** What frames asked the view for that is no token. */
  readonly strays: readonly string[];
  /** Packets to beyond this machine. */
  readonly packets: number;
  /** At Standard: of how many vectors' pages a script ran; undefined: the app refused this level. */
  readonly ran?: number | undefined;
}

/** Frames in one page: enough to be quick, few enough that each gets its turn. */
const FRAMES = 24;
/** Nothing new for so long, in milliseconds, and everything that was to happen has happened. */
const QUIET_MS = 1500;
const PATIENCE_MS = 15_000;

/** Shows every vector in one browser and one mode, and tells what reached the canaries. */
export async function tryVectors(
  kind: BrowserKind & { readonly path: string },
  { mode, vectors, canaries }: { mode: Mode; vectors: readonly Vector[]; canaries: Canaries },
): Promise<Findings> {
  const run = `${kind.name}-${mode}`;
  const profile = await mkdtemp(join(tmpdir(), "tabor-leak-"));
  const site = await LeakSite.start();
  const browser = await kind.start(profile, kind.path);
  const packets = canaries.packets();
  canaries.caught.length = 0;
  try {
    for (const group of groupsOf(vectors))
      await showGroup(browser, site.shell(mode, run, group), group, canaries);
  } finally {
    await browser.close();
    site.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
  const leaks = attributed(canaries.caught, vectors, run);
  return {
    browser: kind.name,
    mode,
    vectors: vectors.length,
    names: vectors.map(({ name }) => name),
    shown: site.shown.size,
    clickable: vectors.filter(isClicked).length,
    followed: vectors.filter((vector) => isClicked(vector) && site.followed.has(vector.name)).length,
    leaks: leaks.byVector,
    others: leaks.others,
    strays: site.strays,
    packets: canaries.packets() - packets,
  };
}

export function groupsOf(vectors: readonly Vector[]): readonly (readonly Vector[])[] {
  const together = vectors.filter(({ alone }) => alone !== true);
  const count = Math.ceil(together.length / FRAMES);
  const groups = Array.from({ length: count }, (_, i) => together.slice(i * FRAMES, (i + 1) * FRAMES));
  return [...groups, ...vectors.filter(({ alone }) => alone === true).map((vector) => [vector])];
}

async function showGroup(
  browser: LeakBrowser,
  url: string,
  group: readonly Vector[],
  canaries: Canaries,
): Promise<void> {
  const tab = await browser.open(url);
  await quiet(canaries);
  await clickAll(tab, group, canaries);
  await tab.close();
}

/** @returns how many there were to click. */
export async function clickAll(tab: LeakTab, group: readonly Vector[], canaries: Canaries): Promise<number> {
  const clicked = group.filter((vector) => vector.clicked === true);
  let hits = 0;
  for (const { name, held } of clicked) if (await tab.click(name, held)) hits++;
  if (clicked.length > 0) await quiet(canaries);
  return hits;
}

/** What is opened elsewhere may not be asked of the view. */
function isClicked({ clicked, held }: Vector): boolean {
  return clicked === true && held === undefined;
}

export async function quiet({ caught }: Canaries): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  let [seen, since] = [caught.length, Date.now()];
  while (Date.now() < end && Date.now() - since < QUIET_MS) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (caught.length !== seen) [seen, since] = [caught.length, Date.now()];
  }
}

/** What stands before a name when its HTTPS record is asked for (RFC 9460 §9.1). */
const SERVICE = /^_\d+\._https\./;

export function attributed(
  caught: readonly Caught[],
  vectors: readonly Vector[],
  run: string,
): { byVector: Findings["leaks"]; others: readonly string[] } {
  const owners = new Map<string, string>();
  for (const { name } of vectors) {
    const { host, address, address6 } = canaryOf(name, run);
    owners.set(host, name).set(address, name).set(address6, name);
  }
  owners.set(canaryOf("nested-style", run).host, "nested-style");
  const byVector: Record<string, string[]> = {};
  const others = new Set<string>();
  for (const { by, target } of caught) {
    const owner = owners.get(target.replace(/:\d+$/, "").replace(SERVICE, ""));
    // A connection to a name comes to loopback, and is known by the name that was looked up before.
    if (owner !== undefined) byVector[owner] = [...new Set([...(byVector[owner] ?? []), by])];
    else if (!target.startsWith("127.0.0.1:")) others.add(`${by} ${target}`);
  }
  return { byVector, others: [...others] };
}
