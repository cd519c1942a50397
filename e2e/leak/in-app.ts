import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { html, notFound, page } from "../farm/content/replies.ts";
import { startNetworkTo } from "../farm/journeys/in-app.ts";
import { type Farm, startFarm } from "../farm/network/farm.ts";
import { type Exchange, type Host, web } from "../farm/network/host.ts";
import type { BrowserKind } from "./browsers.ts";
import type { Canaries } from "./canary.ts";
import { attributed, clickAll, type Findings, groupsOf, quiet } from "./run.ts";
import { pageOf } from "./site.ts";
import { VECTORS } from "./vectors/all.ts";
import type { Vector } from "./vectors/vector.ts";

/** How long a page with its frames may take to come through the network. */
const LOAD_MS = 30_000;

/**
 * Shows every vector in Tabor's web app, with a whole network: the exit finds the site of the vectors, and no name of a canary. So
 * whatever reaches one came from the browser.
 */
export async function tryInApp(
  kind: BrowserKind & { readonly path: string },
  { vectors, canaries }: { vectors: readonly Vector[]; canaries: Canaries },
): Promise<Findings> {
  const run = `${kind.name}-app`;
  const groups = groupsOf(vectors);
  const farm = await startFarm([vectorSite(groups, run)]);
  const network = await startNetworkTo(farm);
  const profile = await mkdtemp(join(tmpdir(), "tabor-leak-"));
  const browser = await kind.start(profile, kind.path);
  canaries.caught.length = 0;
  try {
    for (const [i, group] of groups.entries()) {
      // Each group in an app of its own: what one page does to the app must not hide the next.
      const tab = await browser.open(network.directory.url);
      await tab.ready();
      await tab.go(`https://vectors.test/group/${i}`);
      await allShown(farm, group);
      await quiet(canaries);
      await clickAll(tab, group, canaries);
      await tab.close();
    }
  } finally {
    await browser.close();
    await network.stop();
    await farm.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
  const leaks = attributed(canaries.caught, vectors, run);
  return {
    browser: kind.name,
    mode: "app",
    vectors: vectors.length,
    names: vectors.map(({ name }) => name),
    shown: vectors.filter((vector) => isShown(farm, vector)).length,
    // Where a click leads, only the exit would tell.
    clickable: 0,
    followed: 0,
    leaks: leaks.byVector,
    others: leaks.others,
    strays: [],
    // WebRTC's own search for peers is multicast.
    packets: 0,
  };
}

/** `/group/<n>`: a page with a frame for each vector of a group; `/v/<name>`: the vector, with its headers. */
function vectorSite(groups: readonly (readonly Vector[])[], run: string): Host {
  return web("vectors.test", (exchange: Exchange) => {
    const [, kind = "", name = ""] = exchange.url.pathname.split("/");
    const vector = VECTORS.find((one) => one.name === name);
    if (kind === "group") {
      const frames = (groups[Number(name)] ?? []).map(
        (one) => `<iframe src="/v/${one.name}" width="300" height="200"></iframe>`,
      );
      return html(exchange, page(`Group ${name}`, frames.join("")));
    }
    if (kind !== "v" || vector === undefined) return notFound(exchange);
    const { html: markup, headers } = pageOf(vector, run);
    html(exchange, markup, { headers });
  });
}

function isShown(farm: Farm, { name }: Vector): boolean {
  return farm.visits.some(({ path }) => path === `/v/${name}`);
}

async function allShown(farm: Farm, group: readonly Vector[]): Promise<void> {
  const end = Date.now() + LOAD_MS;
  while (Date.now() < end && !group.every((vector) => isShown(farm, vector)))
    await new Promise((resolve) => setTimeout(resolve, 100));
}
