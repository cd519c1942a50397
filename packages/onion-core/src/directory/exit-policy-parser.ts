import { TaborError } from "../errors.ts";
import { parseIpNetwork, type IpNetwork } from "./ip-network.ts";
import { MAX_PORT, parsePortRange, type PortRange } from "./policy-summary.ts";
import { unmapped } from "./private-ranges.ts";

export type IpFamily = 4 | 6;

/** One rule of an exit policy. */
export interface ExitRule {
  readonly accept: boolean;
  readonly addresses: AddressPattern;
  readonly ports: PortRange;
}

/** Which addresses a rule is about; a `network` has its own family. */
export type AddressPattern =
  | { readonly kind: "all"; readonly families: readonly IpFamily[] }
  | { readonly kind: "private"; readonly families: readonly IpFamily[] }
  | { readonly kind: "network"; readonly network: IpNetwork };

const BOTH: readonly IpFamily[] = [4, 6];
const ALL_PORTS: PortRange = { low: 1, high: MAX_PORT };

/**
 * Reads comma-separated rules: `accept|reject[6] address[/bits][:ports]`. Addresses are `*`, `*4`, `*6`, `private`, IPv4,
 * or IPv6 in brackets (which may be left away before `/bits`); ports are `*`, `n` or `n-m`; `accept6` and
 * `reject6` are about IPv6 only. An empty text has no rules.
 * @throws usage with the rule and what is wrong with it: the text comes from the operator.
 */
export function parseExitRules(text: string): readonly ExitRule[] {
  return text.trim() === "" ? [] : text.split(",").map((item) => parseRule(item.trim()));
}

function parseRule(item: string): ExitRule {
  const [, verb, six, target = ""] = /^(accept|reject)(6?)\s+(\S+)$/.exec(item) ?? [];
  if (verb === undefined) throw invalid(item, 'a rule is "accept" or "reject", then an address and ports');
  const { address, ports } = splitTarget(item, target);
  return {
    accept: verb === "accept",
    addresses: parseAddresses(item, address, six === "6" ? [6] : BOTH),
    ports: parsePorts(item, ports),
  };
}

/** Divides "address[/bits][:ports]"; an IPv6 address must be in brackets unless "/" tells where it ends. */
function splitTarget(item: string, target: string): { address: string; ports: string | undefined } {
  const form = /^(?:\[([^[\]/.]*:[^[\]/]*)\]|([^[\]/]+(?=\/)|[^[\]/:]+))((?:\/[0-9]+)?)(?::(.*))?$/;
  const [matched, bracketed, plain, bits = "", ports] = form.exec(target) ?? [];
  if (matched === undefined) {
    throw invalid(
      item,
      "the target is address[/bits]:ports, with brackets around an IPv6 address and no other",
    );
  }
  return { address: `${bracketed ?? plain ?? ""}${bits}`, ports };
}

function parseAddresses(item: string, text: string, families: readonly IpFamily[]): AddressPattern {
  switch (text) {
    case "*":
      return { kind: "all", families };
    case "*4":
      return { kind: "all", families: onlyFamily(item, 4, families) };
    case "*6":
      return { kind: "all", families: [6] };
    case "private":
      return { kind: "private", families };
    default:
      return parseNetwork(item, text, families);
  }
}

function parseNetwork(item: string, text: string, families: readonly IpFamily[]): AddressPattern {
  const network = parseIpNetwork(text);
  if (!network) throw invalid(item, "the address or its prefix length is not valid");
  if (unmapped(network.address) !== network.address) {
    throw invalid(item, "an IPv4-mapped address is judged as the IPv4 address that it is: write that");
  }
  onlyFamily(item, network.address.length === 4 ? 4 : 6, families);
  return { kind: "network", network };
}

function onlyFamily(item: string, family: IpFamily, families: readonly IpFamily[]): readonly IpFamily[] {
  if (!families.includes(family)) throw invalid(item, '"accept6" and "reject6" are about IPv6 addresses');
  return [family];
}

function parsePorts(item: string, text: string | undefined): PortRange {
  if (text === undefined || text === "*") return ALL_PORTS;
  const range = parsePortRange(text);
  if (!range) throw invalid(item, 'ports are "*", "n" or "n-m", from 1 to 65535');
  return range;
}

function invalid(item: string, why: string): TaborError {
  return new TaborError("usage", "here", `exit policy: "${item}": ${why}`);
}
