/**
 *     npm run bench                      prints a table
 *     npm run bench -- --json FILE       writes the same figures under stable names
 *     npm run bench -- --only circuit    circuit, layer, handshake, browsing or sim
 *
 * `sim` takes minutes, and is the same whenever and wherever it runs: it is left out unless it is asked for.
 * `--clients 1000` makes it shorter.
 */
import { parseArgs } from "node:util";
import { browsingFigures } from "./browsing/figures.ts";
import { circuitFigures } from "./circuit/figures.ts";
import { handshakeFigures } from "./handshake/figures.ts";
import { layerFigures } from "./layer/figures.ts";
import { simFigures } from "./sim/figures.ts";
import { printTable, writeJson, type Figure } from "./lib/figures.ts";

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    only: { type: "string" },
    rounds: { type: "string", default: "5" },
    clients: { type: "string", default: "10000" },
  },
});
const rounds = Number(values.rounds);
const isWanted = (part: string): boolean => values.only === undefined || values.only === part;
const figures: Figure[] = [];
if (isWanted("circuit")) figures.push(...(await circuitFigures({ rounds })));
if (isWanted("layer")) figures.push(...(await layerFigures()));
if (isWanted("handshake")) figures.push(...(await handshakeFigures()));
if (isWanted("browsing")) figures.push(...(await browsingFigures({ rounds })));
if (values.only === "sim") figures.push(...(await simFigures(Number(values.clients))));
printTable(figures);
if (values.json !== undefined) writeJson(values.json, figures);
