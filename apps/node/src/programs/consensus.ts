/** `npm run consensus`: what a network's authorities say, who signed it, what has changed, and why a relay has its flags. */
import { nameDashedKeys } from "@tabor/operator";
import { systemClock } from "@tabor/platform";
import { Command } from "commander";
import { tellConsensus, withConsensusOptions, type ConsensusOptions } from "../cli/consensus-program.ts";

const command = withConsensusOptions(
  new Command("consensus").description("Shows what the authorities of a Tabor network say, and checks it."),
);
const options = command
  .parse(nameDashedKeys(process.argv.slice(2)), { from: "user" })
  .opts<ConsensusOptions>();

try {
  const lines = await tellConsensus(options, { fetch, clock: systemClock });
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
}
