/** `npm run exit`: a relay that also opens connections to sites. */
import type { ExitPolicy } from "@tabor/onion-core";
import { Command, InvalidArgumentError } from "commander";
import { runRelay, withRelayOptions, type RelayOptions } from "../cli/relay-program.ts";
import { runProgram } from "../cli/run-program.ts";
import { boundedNameService } from "../exit/bounded-name-service.ts";
import { systemNameService } from "../exit/name-service.ts";
import { operatorPolicy } from "../exit/operator-policy.ts";
import { tcpExit } from "../exit/tcp-exit.ts";
import { programDeps } from "./deps.ts";

const command = withRelayOptions(
  new Command("exit").description(
    "Carries other people's circuits for a Tabor network and connects to sites for them. Sites will see this machine's " +
      "address. What the policy does not allow is refused; private networks are, unless a rule names them.",
  ),
).option("--policy <rules>", "rules in Tor's syntax, before the default policy", parsePolicy);
const options = command.parse().opts<RelayOptions & { policy?: ExitPolicy }>();

await runProgram((context) => {
  const deps = programDeps(options.logLevel);
  const policy = options.policy ?? operatorPolicy("");
  const names = boundedNameService(systemNameService, lookupsAtATime());
  const connector = tcpExit({ policy, names, clock: deps.clock });
  return runRelay(context, options, deps, { connector, policy });
});

function parsePolicy(text: string): ExitPolicy {
  try {
    return operatorPolicy(text);
  } catch (thrown) {
    throw new InvalidArgumentError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** Each lookup holds a thread of Node's pool; two are left for the handshakes' cryptography. */
function lookupsAtATime(): number {
  const threads = Number(process.env["UV_THREADPOOL_SIZE"] ?? 4);
  return Math.max(1, threads - 2);
}
