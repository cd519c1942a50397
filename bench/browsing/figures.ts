import { type Browser, chromium } from "@playwright/test";
import { CHROMIUM_FLAGS, chromiumPath } from "../../e2e/fixtures/chromium.ts";
import { launchDirect } from "../../e2e/farm/journeys/direct.ts";
import { prepare } from "../../scripts/prepare.mjs";
import type { Figure } from "../lib/figures.ts";
import { median } from "../lib/stats.ts";
import { downloadDirectly, downloadInApp } from "./downloads.ts";
import { type BrowsingNetwork, startBrowsingNetwork } from "./network.ts";
import { browserTime, type BrowserTime } from "./threads.ts";
import { tlsSpeed } from "./tls.ts";
import { inApp, loadDirectly, loadInApp, type PageLoad } from "./visits.ts";

/** What each link, and the way to a site, takes longer than on this machine, in each direction. */
const DELAY_MS = 30;
const HOPS = [1, 3, 6] as const;
/** Enough for six hops, and a relay to choose from. */
const RELAYS = 5;
/** The front page of a newspaper with nothing left for later: more than 150 parts from 13 hosts. */
const NEWS = "https://news.test/?eager";

interface Browsers {
  readonly direct: Browser;
  readonly app: Browser;
}

/** Pages and downloads in Tabor's web app beside the same in the same browser directly. */
export async function browsingFigures({ rounds }: { rounds: number }): Promise<Figure[]> {
  await prepare({ web: true, say: (line) => console.log(line) });
  return [
    ...(await withNetwork(DELAY_MS, (network, browsers) => pageFigures(rounds, network, browsers))),
    ...(await withNetwork(0, (network, browsers) => downloadFigures(rounds, network, browsers))),
    ...(await tlsFigures()),
  ];
}

async function withNetwork(
  delayMs: number,
  measure: (network: BrowsingNetwork, browsers: Browsers) => Promise<Figure[]>,
): Promise<Figure[]> {
  const network = await startBrowsingNetwork({ relays: RELAYS, delayMs });
  const executablePath = chromiumPath();
  const browsers = {
    direct: await launchDirect(network.farm),
    app: await chromium.launch({ args: CHROMIUM_FLAGS, ...(executablePath ? { executablePath } : {}) }),
  };
  try {
    return await measure(network, browsers);
  } finally {
    await Promise.all([browsers.direct.close(), browsers.app.close()]);
    await network.stop();
  }
}

/** In turn, round after round: all meet the machine in the same moods. */
async function pageFigures(
  rounds: number,
  { network }: BrowsingNetwork,
  { direct, app }: Browsers,
): Promise<Figure[]> {
  const directly: PageLoad[] = [];
  const byHops = new Map<number, PageLoad[]>(HOPS.map((hops) => [hops, []]));
  for (let round = 1; round <= rounds; round++) {
    console.log(`browsing: page, round ${round} of ${rounds}`);
    directly.push(await loadDirectly(direct, NEWS));
    for (const hops of HOPS) {
      const options = { url: network.directory.url, hops, delayMs: DELAY_MS };
      byHops.get(hops)?.push(await inApp(app, options, (opened) => loadInApp(opened, NEWS)));
    }
  }
  const through = byHops.get(3) ?? [];
  const ratios = through.map(({ ms }, round) => ms / (directly[round]?.ms ?? NaN));
  const link = `${DELAY_MS} ms more for each link and direction`;
  return [
    figure("page.news.direct.ms", medianMs(directly), "ms", `large news page directly, ${link}`),
    ...HOPS.map((hops) =>
      figure(`page.news.ms.hops${hops}`, medianMs(byHops.get(hops) ?? []), "ms", `in Tabor, ${hops} hops`),
    ),
    figure("page.news.ratio", median(ratios), "×", "three hops ÷ directly, median of the rounds"),
    figure(
      "page.news.images",
      Math.min(...through.map(({ images }) => images)),
      "",
      "pictures shown in Tabor",
    ),
  ];
}

async function downloadFigures(
  rounds: number,
  { network }: BrowsingNetwork,
  { direct, app }: Browsers,
): Promise<Figure[]> {
  const directly: number[] = [];
  const through: number[] = [];
  const shares: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    console.log(`browsing: download, round ${round} of ${rounds}`);
    directly.push(await downloadDirectly(direct));
    const options = { url: network.directory.url, hops: 3, delayMs: 0 };
    await inApp(app, options, async (opened) => {
      const before = timeOfBrowsers();
      through.push(await downloadInApp(opened));
      const share = shareOf(before, timeOfBrowsers());
      if (share !== undefined) shares.push(share);
    });
  }
  const ratios = through.map((mibps, round) => mibps / (directly[round] ?? NaN));
  return [
    figure("download.https.direct.mibps", median(directly), "MiB/s", "32 MiB over https directly"),
    figure("download.https.mibps", median(through), "MiB/s", "the same in Tabor, three hops"),
    figure("download.https.ratio", median(ratios), "", "three hops ÷ directly, median of the rounds"),
    ...(shares.length === 0
      ? []
      : [
          figure(
            "tls.worker.share",
            median(shares),
            "",
            "of the browser's processor time: the worker with TLS and HTTP",
          ),
        ]),
  ];
}

function timeOfBrowsers(): BrowserTime | undefined {
  return browserTime((commandLine) => /chrom/i.test(commandLine));
}

function shareOf(before: BrowserTime | undefined, after: BrowserTime | undefined): number | undefined {
  if (before === undefined || after === undefined || after.all === before.all) return undefined;
  return (after.workers - before.workers) / (after.all - before.all);
}

async function tlsFigures(): Promise<Figure[]> {
  const { mibps, handshakeMs } = await tlsSpeed();
  return [
    figure("tls.mibps", mibps, "MiB/s", "32 MiB through our TLS in Node"),
    figure(
      "tls.handshake.ms",
      median(handshakeMs),
      "ms",
      "a handshake of our TLS in Node, TLS 1.3 and P-256",
    ),
  ];
}

function medianMs(loads: readonly PageLoad[]): number {
  return median(loads.map(({ ms }) => ms));
}

function figure(name: string, value: number, unit: string, meaning: string): Figure {
  return { name, value, unit, meaning };
}
