/** What the authorities say, as lines for people. */
import {
  bytesToBase64Url,
  changesBetween,
  explainRelay,
  FLAG_RULES,
  shortId,
  TaborError,
  WEIGHT_REASONS,
  WEIGHT_RULE,
  type ConsensusContent,
  type RelayEntry,
  type RelayExplanation,
  type RelayId,
} from "@tabor/onion-core";
import type { Said } from "@tabor/rtc-link";

export function consensusLines(said: Said, authorities: readonly RelayId[]): readonly string[] {
  const { consensus, before } = said;
  const { validAfter, freshUntil, validUntil, digest, relays } = consensus;
  return [
    `Consensus of ${timeOf(validAfter)}, fresh until ${timeOf(freshUntil)}, valid until ${timeOf(validUntil)}`,
    `  SHA-256 ${bytesToBase64Url(digest)}`,
    ...signatureLines(said, authorities),
    ...changeLines(before, consensus),
    `${String(relays.length)} relays, with flags and weight in KiB/s`,
    ...relays.map((entry) => `  ${entryLine(entry)}`),
  ];
}

/** @param start how the relay's identity begins. @throws usage unless exactly one listed relay's does. */
export function relayLines(
  { consensus, votes }: Said,
  authorities: readonly RelayId[],
  start: string,
): readonly string[] {
  const found = consensus.relays.filter(({ descriptor }) => descriptor.identity.startsWith(start));
  const [entry] = found;
  if (entry === undefined) throw usage(`No relay of the consensus begins with "${start}".`);
  if (found.length > 1) throw usage(`${String(found.length)} relays begin with "${start}": give more of it.`);
  const relay = entry.descriptor.identity;
  const explanation = explainRelay(consensus, votes, { relay, authorities: authorities.length });
  if (explanation === undefined) throw usage("This relay is not listed.");
  const needed = Math.floor(authorities.length / 2) + 1;
  return [
    `Relay ${relay}`,
    `  ${entryLine(entry)}`,
    `  claims ${String(entry.descriptor.capacity)} KiB/s; ${entry.descriptor.platform === "node" ? "runs in Node" : "runs in a tab"}`,
    `Votes at hand: ${String(votes.length)} of ${String(consensus.votes.length)} that were counted; a flag needs ${String(needed)} of ${String(authorities.length)} authorities`,
    ...explanation.flags.map(flagLine),
    ...weightLines(explanation),
  ];
}

function flagLine({ flag, isSet, for: voters }: RelayExplanation["flags"][number]): string {
  const who = voters.length === 0 ? "nobody" : voters.map(shortId).join(" ");
  return `  ${isSet ? "+" : "-"} ${flag.padEnd(8)} set by ${who}. Rule: ${FLAG_RULES[flag]}`;
}

function weightLines({ entry, weights, weightFrom, measuring }: RelayExplanation): readonly string[] {
  return [
    `Weight ${String(entry.weight)} KiB/s: ${WEIGHT_REASONS[weightFrom]}. Rule: ${WEIGHT_RULE}`,
    `  relays are measured by ${measuring.length === 0 ? "nobody" : measuring.map(shortId).join(" ")}`,
    ...weights.map(({ authority, weight, measured }) => {
      const seen = measured === undefined ? "not measured" : `measured ${String(measured)}`;
      return `  ${shortId(authority)} gave ${String(weight)}, ${seen}`;
    }),
  ];
}

function signatureLines({ consensus }: Said, authorities: readonly RelayId[]): readonly string[] {
  const { signers, votes } = consensus;
  const needed = Math.floor(authorities.length / 2) + 1;
  const voted = new Set(votes.map(({ authority }) => authority));
  return [
    `Signed by ${String(signers.length)} of ${String(authorities.length)} authorities; ${String(needed)} are needed`,
    ...authorities.map((id) => {
      const signed = signers.includes(id) ? "signed    " : "not signed";
      return `  ${signed} ${id}${voted.has(id) ? "" : "  (no vote of it was counted)"}`;
    }),
  ];
}

function changeLines(before: ConsensusContent | undefined, after: ConsensusContent): readonly string[] {
  if (before === undefined)
    return ["The one before is no longer at hand, so there is nothing to compare with"];
  const { came, left, changed } = changesBetween(before, after);
  const counts = `${String(came.length)} came, ${String(left.length)} left, ${String(changed.length)} changed`;
  return [
    `Since the one before, of ${timeOf(before.validAfter)}: ${counts}`,
    ...came.map((entry) => `  + ${entryLine(entry)}`),
    ...left.map((entry) => `  - ${entryLine(entry)}`),
    ...changed.flatMap((pair) => [`  < ${entryLine(pair.before)}`, `  > ${entryLine(pair.after)}`]),
  ];
}

function entryLine({ descriptor, flags, weight }: RelayEntry): string {
  return `${descriptor.identity} ${String(weight).padStart(7)} ${[...flags].join(" ")}`;
}

function timeOf(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");
}

function usage(why: string): TaborError {
  return new TaborError("usage", "here", why);
}
