import { parseExitRules, type AddressPattern, type ExitRule, type IpFamily } from "./exit-policy-parser.ts";
import { networkContains } from "./ip-network.ts";
import { carriedIpv4, isGlobalUnicast, isPrivateNetwork, unmapped } from "./private-ranges.ts";
import { summarize } from "./policy-summarize.ts";
import { MAX_PORT } from "./policy-summary.ts";

/** What an exit allows where its operator says nothing (SPEC §8.3). */
export const DEFAULT_EXIT_POLICY = [
  "reject private:*",
  ...["25", "119", "135-139", "445", "563", "1214", "4661-4666", "6346-6429", "6699", "6881-6999"].map(
    (ports) => `reject *:${ports}`,
  ),
  "accept *:*",
].join(",");

/**
 * Which addresses and ports an exit connects to (SPEC §8.3). The first rule that matches decides; where none does,
 * it accepts. A private address is accepted only by a rule that *names* it (`accept private:*`, `accept
 * 127.0.0.0/8:*`): an operator who writes `accept *:80` means sites, not the machines of the LAN.
 */
export class ExitPolicy {
  readonly #rules: readonly ExitRule[];

  private constructor(rules: readonly ExitRule[]) {
    this.#rules = rules;
  }

  /** Exactly these rules. @throws usage, with a sentence for the operator. */
  static parse(text: string): ExitPolicy {
    return new ExitPolicy(parseExitRules(text));
  }

  /** The policy of an exit: its operator's rules, then the default. @throws usage, as `parse`. */
  static ofExit(operatorRules = ""): ExitPolicy {
    return new ExitPolicy([...parseExitRules(operatorRules), ...parseExitRules(DEFAULT_EXIT_POLICY)]);
  }

  /**
   * Whether the exit may connect to a port of an address, 4 or 16 bytes, as resolved. An IPv6 address that carries
   * an IPv4 address (NAT64, 6to4) is allowed only if both are.
   */
  allows(address: Uint8Array, port: number): boolean {
    if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) return false;
    if (address.length !== 4 && address.length !== 16) return false;
    const target = unmapped(address);
    const carried = carriedIpv4(target);
    return this.#accepts(target, port) && (carried === undefined || this.#accepts(carried, port));
  }

  /** Whether the exit may connect to some port of an address: RESOLVED speaks of no others (SPEC §7.4). */
  reaches(address: Uint8Array): boolean {
    // Decisions change only where a rule's ports begin or end.
    const ports = this.#rules.flatMap((rule) => [rule.ports.low, rule.ports.high + 1]);
    return [1, ...ports].some((port) => this.allows(address, port));
  }

  /** The summary that the descriptor carries for a family, at most 1000 characters. */
  summary(family: IpFamily): string {
    return summarize(this.#rules, family);
  }

  #accepts(address: Uint8Array, port: number): boolean {
    const global = isGlobalUnicast(address);
    const decisive = this.#rules.find(
      ({ accept, addresses, ports }) =>
        ports.low <= port &&
        port <= ports.high &&
        matches(addresses, address, global) &&
        (global || !accept || namesPrivate(addresses)),
    );
    return decisive?.accept ?? global;
  }
}

function matches(pattern: AddressPattern, address: Uint8Array, global: boolean): boolean {
  if (pattern.kind === "network") return networkContains(pattern.network, address);
  const family = address.length === 4 ? 4 : 6;
  return pattern.families.includes(family) && (pattern.kind === "all" || !global);
}

function namesPrivate(pattern: AddressPattern): boolean {
  return pattern.kind === "private" || (pattern.kind === "network" && isPrivateNetwork(pattern.network));
}
