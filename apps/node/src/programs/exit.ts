/** `npm run exit`: a relay that also opens connections to sites. */
import type { ExitPolicy } from "@tabor/onion-core";
import { parseWithConfig } from "@tabor/operator";
import { Command } from "commander";
import { runRelay, withRelayOptions, type RelayOptions } from "../cli/relay-program.ts";
import { runProgram } from "../cli/run-program.ts";
import { parsePolicy, siteExit } from "../exit/site-exit.ts";
import { programDeps } from "./deps.ts";

const command = withRelayOptions(
  new Command("exit").description(
    "Carries other people's circuits for a Tabor network and connects to sites for them. Sites will see this machine's " +
      "address. What the policy does not allow is refused; private networks are, unless a rule names them.",
  ),
).option("--policy <rules>", "rules in Tor's syntax, before the default policy", parsePolicy);
const argv = process.argv.slice(2);
const options = parseWithConfig(command, argv).opts<RelayOptions & { policy?: ExitPolicy }>();

await runProgram((context) => {
  const deps = programDeps(options);
  return runRelay(context, options, deps, siteExit(options.policy, deps.clock));
});
