/**
 *     npm run bench                      prints a table
 *     npm run bench -- --json FILE       writes the same figures under stable names
 *     npm run bench -- --only circuit    one part (PARTS)
 *
 * What each part measures, how long it takes and what its figures are called: README.md beside this file.
 */
import { parseArgs } from "node:util";
import { browsingFigures } from "./browsing/figures.ts";
import { circuitFigures } from "./circuit/figures.ts";
import { handshakeFigures } from "./handshake/figures.ts";
import { layerFigures } from "./layer/figures.ts";
import { legFigures } from "./legs/figures.ts";
import { linkFigures } from "./links/figures.ts";
import { scaleFigures } from "./scale/figures.ts";
import { simFigures } from "./sim/figures.ts";
import { tabsFigures } from "./tabs/figures.ts";
import { printTable, writeJson, type Figure } from "./lib/figures.ts";

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    only: { type: "string" },
    rounds: { type: "string", default: "5" },
    clients: { type: "string", default: "10000" },
    mib: { type: "string", default: "96" },
    profile: { type: "string" },
    peers: { type: "string", default: "2000" },
  },
});
const rounds = Number(values.rounds);
const clients = Number(values.clients);

/** Those that take minutes run only if they are asked for. */
const PARTS: Readonly<
  Record<string, { readonly usual: boolean; readonly measure: () => Promise<Figure[]> }>
> = {
  circuit: { usual: true, measure: () => circuitFigures({ rounds, mib: Number(values.mib) }) },
  layer: { usual: true, measure: layerFigures },
  handshake: { usual: true, measure: handshakeFigures },
  browsing: { usual: true, measure: () => browsingFigures({ rounds }) },
  tabs: { usual: false, measure: () => tabsFigures({ rounds, profile: values.profile }) },
  legs: { usual: false, measure: () => legFigures({ rounds, mib: Number(values.mib) }) },
  links: { usual: false, measure: () => linkFigures({ rounds }) },
  scale: { usual: false, measure: () => scaleFigures({ peers: Number(values.peers), rounds }) },
  sim: { usual: false, measure: () => simFigures(clients) },
};

const { only } = values;
if (only !== undefined && !Object.hasOwn(PARTS, only))
  throw new Error(`--only takes one of ${Object.keys(PARTS).join(", ")}`);
const figures: Figure[] = [];
for (const [name, { usual, measure }] of Object.entries(PARTS))
  if (only === undefined ? usual : only === name) figures.push(...(await measure()));
printTable(figures);
if (values.json !== undefined) writeJson(values.json, figures);
