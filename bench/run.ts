/**
 *     npm run bench                      prints a table
 *     npm run bench -- --json FILE       writes the same figures under stable names
 *     npm run bench -- --only circuit    circuit, layer, handshake or browsing
 */
import { parseArgs } from "node:util";
import { browsingFigures } from "./browsing/figures.ts";
import { circuitFigures } from "./circuit/figures.ts";
import { handshakeFigures } from "./handshake/figures.ts";
import { layerFigures } from "./layer/figures.ts";
import { printTable, writeJson, type Figure } from "./lib/figures.ts";

const { values } = parseArgs({
  options: { json: { type: "string" }, only: { type: "string" }, rounds: { type: "string", default: "5" } },
});
const rounds = Number(values.rounds);
const isWanted = (part: string): boolean => values.only === undefined || values.only === part;
const figures: Figure[] = [];
if (isWanted("circuit")) figures.push(...(await circuitFigures({ rounds })));
if (isWanted("layer")) figures.push(...(await layerFigures()));
if (isWanted("handshake")) figures.push(...(await handshakeFigures()));
if (isWanted("browsing")) figures.push(...(await browsingFigures({ rounds })));
printTable(figures);
if (values.json !== undefined) writeJson(values.json, figures);
