import type { Clock, ExitConnector, ExitPolicy, FetchConnector } from "@tabor/onion-core";
import { InvalidArgumentError } from "commander";
import { boundedNameService } from "./bounded-name-service.ts";
import { systemNameService } from "./name-service.ts";
import { operatorPolicy } from "./operator-policy.ts";
import { tcpExit } from "./tcp-exit.ts";

/** What makes a relay of Node an exit. */
export interface SiteExit {
  readonly connector: ExitConnector;
  readonly fetcher: FetchConnector;
  readonly policy: ExitPolicy;
}

/** Connects to sites as the policy allows; the default one unless it is given. */
export function siteExit(policy: ExitPolicy = operatorPolicy(""), clock: Clock): SiteExit {
  const names = boundedNameService(systemNameService, lookupsAtATime());
  const exit = tcpExit({ policy, names, clock });
  return { connector: exit, fetcher: exit, policy };
}

/** @param text rules in Tor's syntax. @throws for commander. */
export function parsePolicy(text: string): ExitPolicy {
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
