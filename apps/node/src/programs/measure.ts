/** `npm run measure`: finds out for an authority which relays answer, and how much they carry. */
import { parseWithConfig } from "@tabor/operator";
import { Command } from "commander";
import { runMeasure, withMeasureOptions, type MeasureOptions } from "../cli/measure-program.ts";
import { runProgram } from "../cli/run-program.ts";
import { programDeps } from "./deps.ts";

const command = withMeasureOptions(
  new Command("measure").description(
    "Measures the relays of a Tabor network for one of its authorities: builds circuits through them as clients do, " +
      "sees whether they work, and how much they carry.",
  ),
);
const options = parseWithConfig(command, process.argv.slice(2)).opts<MeasureOptions>();

await runProgram((context) => runMeasure(context, options, programDeps(options)));
