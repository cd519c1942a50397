/** `npm run status`: what a relay, exit or proxy on this machine is doing, for a terminal. */
import { systemClock } from "@tabor/platform";
import { Command } from "commander";
import { wholeNumber } from "../cli/number-option.ts";
import { runProgram } from "../cli/run-program.ts";
import { runStatus, type StatusOptions } from "../cli/status-program.ts";

const command = new Command("status")
  .description("Shows what a relay, exit or proxy on this machine is doing, by the metrics that it serves.")
  .requiredOption("--metrics <port>", "what the program was given as --metrics", wholeNumber(1, 65_535))
  .allowExcessArguments(false);
const options = command.parse().opts<StatusOptions>();

const { stdout } = process;
const hasColors = stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb";
const screen = { write: (text: string) => void stdout.write(text), isLive: stdout.isTTY, hasColors };
// Whoever reads our output may go away before we do.
stdout.on("error", () => undefined);

await runProgram((context) => runStatus(context, options, { screen, clock: systemClock }));
