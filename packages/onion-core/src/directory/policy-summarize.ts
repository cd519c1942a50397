/** An exit policy as the port list that clients see (SPEC §8.3), computed as Tor does. */

import type { AddressPattern, ExitRule, IpFamily } from "./exit-policy-parser.ts";
import { formatPortRanges, MAX_PORT, REJECT_ALL, type PortRange } from "./policy-summary.ts";
import { isPrivateRange } from "./private-ranges.ts";

const MAX_LENGTH = 1000;
const ACCEPT_ALL = "accept 1-65535";

/** A port counts as accepted although up to so much is rejected: IPv4 addresses, or IPv6 networks of /64. */
const CUTOFF: Readonly<Record<IpFamily, number>> = { 4: 2 ** 25, 6: 2 ** 48 };
/** The longest prefix that counts; what is smaller counts as nothing. */
const LONGEST: Readonly<Record<IpFamily, number>> = { 4: 32, 6: 64 };

/** What is known of each port so far, by port. */
interface PortTally {
  readonly accepted: boolean[];
  readonly rejected: number[];
}

/** The summary of these rules, followed by "accept everything" as in every policy. */
export function summarize(rules: readonly ExitRule[], family: IpFamily): string {
  const tally: PortTally = {
    accepted: new Array<boolean>(MAX_PORT + 1).fill(false),
    rejected: new Array<number>(MAX_PORT + 1).fill(0),
  };
  for (const rule of rules) apply(rule, family, tally);
  acceptWithinCutoff({ low: 1, high: MAX_PORT }, family, tally);
  return shorterList(rangesOf(tally.accepted, true), rangesOf(tally.accepted, false));
}

function apply({ accept, addresses, ports }: ExitRule, family: IpFamily, tally: PortTally): void {
  if (accept) {
    if (coversAll(addresses, family)) acceptWithinCutoff(ports, family, tally);
    return;
  }
  const size = sizeIn(addresses, family);
  for (let port = ports.low; port <= ports.high; port++)
    tally.rejected[port] = (tally.rejected[port] ?? 0) + size;
}

function acceptWithinCutoff(ports: PortRange, family: IpFamily, { accepted, rejected }: PortTally): void {
  for (let port = ports.low; port <= ports.high; port++) {
    if ((rejected[port] ?? 0) <= CUTOFF[family]) accepted[port] = true;
  }
}

/** How much of a family a rejecting rule takes away; private ranges take nothing that a client could want. */
function sizeIn(pattern: AddressPattern, family: IpFamily): number {
  if (coversAll(pattern, family)) return 2 ** LONGEST[family];
  if (pattern.kind !== "network" || familyOf(pattern.network.address) !== family) return 0;
  const { bits } = pattern.network;
  return isPrivateRange(pattern.network) || bits > LONGEST[family] ? 0 : 2 ** (LONGEST[family] - bits);
}

function coversAll(pattern: AddressPattern, family: IpFamily): boolean {
  if (pattern.kind === "all") return pattern.families.includes(family);
  return (
    pattern.kind === "network" && pattern.network.bits === 0 && familyOf(pattern.network.address) === family
  );
}

function familyOf(address: Uint8Array): IpFamily {
  return address.length === 4 ? 4 : 6;
}

function rangesOf(accepted: readonly boolean[], wanted: boolean): readonly PortRange[] {
  const ranges: PortRange[] = [];
  let low = 0;
  for (let port = 1; port <= MAX_PORT + 1; port++) {
    const inside = accepted[port] === wanted;
    if (inside && low === 0) low = port;
    if (inside || low === 0) continue;
    ranges.push({ low, high: port - 1 });
    low = 0;
  }
  return ranges;
}

function shorterList(accepted: readonly PortRange[], rejected: readonly PortRange[]): string {
  if (accepted.length === 0) return REJECT_ALL;
  if (rejected.length === 0) return ACCEPT_ALL;
  const accept = `accept ${formatPortRanges(accepted)}`;
  const reject = `reject ${formatPortRanges(rejected)}`;
  if (accept.length > MAX_LENGTH && reject.length > MAX_LENGTH) return cut(accept);
  return accept.length <= reject.length ? accept : reject;
}

/** Cut at a comma: a list that accepts less than the exit does costs it some clients, and misleads none. */
function cut(accept: string): string {
  return accept.slice(0, accept.lastIndexOf(",", MAX_LENGTH));
}
