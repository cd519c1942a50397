import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { html, notFound, page, send } from "../farm/content/replies.ts";
import { startNetworkTo } from "../farm/journeys/in-app.ts";
import { type Farm, startFarm } from "../farm/network/farm.ts";
import { type Exchange, type Host, web } from "../farm/network/host.ts";
import type { BrowserKind } from "./browsers.ts";
import type { Canaries } from "./canary.ts";
import { attributed, clickAll, type Findings, groupsOf, quiet } from "./run.ts";
import { type AppMode, pageOf } from "./site.ts";
import { VECTORS } from "./vectors/all.ts";
import type { Vector } from "./vectors/vector.ts";

/** How long a page with its frames may take to come through the network. */
const LOAD_MS = 60_000;

/**
 * Shows every vector in Tabor's web app, with a whole network: the exit finds the site of the vectors, and no name of a canary. So
 * whatever reaches one came from the browser. At Standard each page's script asks its own site for something first, or nothing is proven.
 */
export async function tryInApp(
  kind: BrowserKind & { readonly path: string },
  { mode, vectors, canaries }: { mode: AppMode; vectors: readonly Vector[]; canaries: Canaries },
): Promise<Findings> {
  const run = `${kind.name}-${mode}`;
  // Where a click leads takes the place of the page, and of all frames beside.
  const groups = groupsOf(vectors.map((one) => (one.clicked === true ? { ...one, alone: true } : one)));
  const farm = await startFarm([vectorSite(groups, run)]);
  const network = await startNetworkTo(farm);
  const profile = await mkdtemp(join(tmpdir(), "tabor-leak-"));
  const browser = await kind.start(profile, kind.path);
  canaries.caught.length = 0;
  canaries.forgetBeyond();
  const strays: string[] = [];
  let isGranted = true;
  let hits = 0;
  try {
    for (const [i, group] of groups.entries()) {
      // Each group in an app of its own: what one page does to the app must not hide the next.
      const tab = await browser.open(network.directory.url);
      await tab.ready();
      if (mode === "app-standard") isGranted = await tab.standard();
      if (!isGranted) break;
      await tab.go(`https://vectors.test${pathOf(group, i)}`);
      await allVisited(farm, group.map(shownAt), LOAD_MS);
      // Some take their page away before.
      if (mode === "app-standard") await allVisited(farm, group.map(ranAt), RUN_MS);
      await quiet(canaries);
      hits += await clickAll(tab, group, canaries);
      await tab.close();
      strays.push(
        ...straysIn(network.directory.program.text)
          .slice(strays.length)
          .map((path) => `${path} in group ${i}`),
      );
    }
  } finally {
    await browser.close();
    await network.stop();
    await farm.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
  const leaks = attributed(canaries.caught, vectors, run);
  const visited = (path: (vector: Vector) => string): number =>
    vectors.filter((vector) => isVisited(farm, path(vector))).length;
  return {
    browser: kind.name,
    mode,
    vectors: vectors.length,
    names: vectors.map(({ name }) => name),
    shown: visited(shownAt),
    clickable: vectors.filter(({ clicked }) => clicked === true).length,
    // Where a click leads, only the exit would tell.
    followed: 0,
    hits,
    leaks: leaks.byVector,
    others: [...leaks.others, ...canaries.beyond().map((address) => `packets ${address}`)],
    strays,
    // Those that WebRTC sends to everybody are no leak; to whom others were sent stands above.
    packets: 0,
    ...(isGranted ? { ran: visited(ranAt) } : {}),
  };
}

/**
 * What the web server heard of at a view's origin, other than our own files and tokens, which say nothing: it does not write down paths of
 * pages, but that there was one. Tokens come where a frame is kept from the service worker, as one without `allow-same-origin`.
 */
function straysIn(records: string): string[] {
  const asked = [...records.matchAll(/"host":"view","method":"\w+","path":"([^"]*)"/g)].map(
    ([, path = ""]) => path,
  );
  if (!asked.includes("/~sw.js")) return ["nothing, or its records are not understood"];
  return asked.filter((path) => !/^(?:\/~(?:boot|forget|sw\.js|a\/[\w-]+\.js)|\(a token\))$/.test(path));
}

/** How long scripts may take to have asked for something, through the network. */
const RUN_MS = 20_000;

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
    const { html: markup, type, status, headers } = pageOf(vector, run);
    const proof = `</title><script>new Image().src = "${ranAt(vector)}"</script>`;
    send(exchange, type, markup.replace("</title>", proof), { status, headers });
  });
}

/** What takes away the page around it, or stands for pages as people see them, is the tab's own page. */
function pathOf(group: readonly Vector[], i: number): string {
  const [only] = group;
  return only?.alone === true ? shownAt(only) : `/group/${i}`;
}

const shownAt = ({ name }: Vector): string => `/v/${name}`;
/** What a page's script asks for, if it runs. */
const ranAt = ({ name }: Vector): string => `/ran/${name}`;

function isVisited(farm: Farm, path: string): boolean {
  return farm.visits.some((visit) => visit.path === path);
}

async function allVisited(farm: Farm, paths: readonly string[], limit: number): Promise<void> {
  const end = Date.now() + limit;
  while (Date.now() < end && !paths.every((path) => isVisited(farm, path)))
    await new Promise((resolve) => setTimeout(resolve, 100));
}
