/** `npm run relay`: a middle relay or guard, for a network that exists. */
import { parseWithConfig } from "@tabor/operator";
import { Command } from "commander";
import { runRelay, withRelayOptions, type RelayOptions } from "../cli/relay-program.ts";
import { runProgram } from "../cli/run-program.ts";
import { programDeps } from "./deps.ts";

const command = withRelayOptions(
  new Command("relay").description(
    "Carries other people's circuits for a Tabor network; connects to no site.",
  ),
);
const options = parseWithConfig(command, process.argv.slice(2)).opts<RelayOptions>();

await runProgram((context) => runRelay(context, options, programDeps(options)));
