/** `npm run peer`: a host of an ad-hoc network, whose hosts elect which of them serves. */
import { join } from "node:path";
import type { ExitPolicy } from "@tabor/onion-core";
import { parseWithConfig } from "@tabor/operator";
import { Command } from "commander";
import { runPeer, withPeerOptions, type PeerOptions } from "../cli/peer-program.ts";
import { runProgram } from "../cli/run-program.ts";
import { parsePolicy, siteExit } from "../exit/site-exit.ts";
import { programDeps } from "./deps.ts";

/** Where this program is once it is built: in `apps/node/dist`. */
const APPS = join(import.meta.dirname, "..", "..");

interface Given extends Partial<Pick<PeerOptions, "known">>, Omit<PeerOptions, "known"> {
  readonly exit: boolean;
  readonly policy?: ExitPolicy;
}

const command: Command = withPeerOptions(
  new Command("peer").description(
    "Takes part in a network without a server of its own: whichever of the known hosts is up serves the others, and when it " +
      "ends, another does. Whoever serves signs alone which relays there are: list only hosts of people you trust.",
  ),
)
  .option("--exit", "also connect to sites for others, which will see this machine's address", false)
  .option("--policy <rules>", "of an exit: rules in Tor's syntax, before the default policy", parsePolicy);
const options = parseWithConfig(command, process.argv.slice(2)).opts<Given>();
// A file may say it as well, so that it cannot be required of the command line.
const { known } = options;
if (known === undefined) command.error("error: --known is wanted: all hosts that may serve the network");

await runProgram((context) => {
  const deps = programDeps(options);
  const parts = {
    directoryScript: join(APPS, "signal", "dist", "authority.js"),
    webFolder: join(APPS, "web", "dist"),
    exit: options.exit ? siteExit(options.policy, deps.clock) : undefined,
  };
  return runPeer(context, { ...options, known }, parts, deps);
});
