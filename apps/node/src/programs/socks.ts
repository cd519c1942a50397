/** `npm run socks`: a SOCKS 5 proxy on this machine that takes programs through the network. */
import { parseWithConfig } from "@tabor/operator";
import { Command, Option } from "commander";
import { wholeNumber } from "../cli/number-option.ts";
import { withJoinOptions } from "../cli/network-options.ts";
import { runProgram } from "../cli/run-program.ts";
import { runSocks, type SocksOptions } from "../cli/socks-program.ts";
import { programDeps } from "./deps.ts";

const command = withJoinOptions(
  new Command("socks").description("A SOCKS 5 proxy that takes programs through a Tabor network."),
  // A client that forgets its guards meets a bad one sooner (SPEC §10.3).
  { what: "the client's guards and member key", folder: ".tabor/socks" },
)
  .option("--port <number>", "port to listen on, 0 for any free one", wholeNumber(0, 65_535), 9150)
  .option("--host <address>", "address to listen on; whoever reaches it can use the proxy", "127.0.0.1")
  .addOption(
    new Option("--padding <mode>", "what is spent so that others do not see when it is used")
      .choices(["normal", "reduced", "off"])
      .default("normal"),
  )
  .option("--two-legs", "join two circuits to each exit, through two guards instead of one", false);
const options = parseWithConfig(command, process.argv.slice(2)).opts<SocksOptions>();

await runProgram((context) => runSocks(context, options, programDeps(options)));
