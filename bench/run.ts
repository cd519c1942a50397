/**
 *     npm run bench                      prints a table
 *     npm run bench -- --json FILE       writes the same figures under stable names
 *     npm run bench -- --only circuit    circuit or layer
 */
import { parseArgs } from "node:util";
import { circuitFigures } from "./circuit/figures.ts";
import { layerFigures } from "./layer/figures.ts";
import { printTable, writeJson, type Figure } from "./lib/figures.ts";

const { values } = parseArgs({
  options: { json: { type: "string" }, only: { type: "string" }, rounds: { type: "string", default: "5" } },
});
const figures: Figure[] = [];
if (values.only === undefined || values.only === "circuit") {
  figures.push(...(await circuitFigures({ rounds: Number(values.rounds) })));
}
if (values.only === undefined || values.only === "layer") figures.push(...(await layerFigures()));
printTable(figures);
if (values.json !== undefined) writeJson(values.json, figures);
