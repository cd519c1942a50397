import { TaborError, type RelayId } from "@tabor/onion-core";
import { fetchNetworkInfo, fetchSaid, type FetchDeps, type Said } from "@tabor/rtc-link";
import type { Command } from "commander";
import { consensusLines, relayLines } from "./consensus-lines.ts";
import { withTrustOptions } from "./network-options.ts";

export interface ConsensusOptions {
  readonly directory: readonly string[];
  readonly authority: readonly RelayId[];
  /** How the identity of a relay begins. */
  readonly relay?: string;
}

export function withConsensusOptions(command: Command): Command {
  return withTrustOptions(command)
    .option(
      "--relay <id>",
      "why this relay has its flags and weight; the first characters of its identity do",
    )
    .allowExcessArguments(false);
}

/**
 * From the first server that has a consensus which is to be believed.
 * @returns lines for people. @throws unreachable with what each server answered, usage for a relay that is not listed.
 */
export async function tellConsensus(
  { directory, authority, relay }: ConsensusOptions,
  deps: FetchDeps,
): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (const url of directory) {
    try {
      const { authorities, said } = await ask(url, authority, deps);
      return relay === undefined ? consensusLines(said, authorities) : relayLines(said, authorities, relay);
    } catch (thrown) {
      if (thrown instanceof TaborError && thrown.code === "usage") throw thrown;
      reasons.push(`${url}: ${thrown instanceof Error ? thrown.message : String(thrown)}.`);
    }
  }
  throw new TaborError("unreachable", "directory", reasons.join("\n"));
}

async function ask(
  url: string,
  told: readonly RelayId[],
  deps: FetchDeps,
): Promise<{ authorities: readonly RelayId[]; said: Said }> {
  const authorities = told.length > 0 ? told : (await fetchNetworkInfo(url, deps)).authorities;
  return { authorities, said: await fetchSaid(url, authorities, deps) };
}
