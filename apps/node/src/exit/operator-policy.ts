import { networkInterfaces } from "node:os";
import { ExitPolicy } from "@tabor/onion-core";

/**
 * The policy of an exit on this machine: its operator's rules, then, as in Tor, nothing to the machine's own addresses,
 * then the default. Services that trust the machine they run on would take a client for it.
 * @throws usage with a sentence for the operator.
 */
export function operatorPolicy(rules: string, ownAddresses: readonly string[] = addressesHere()): ExitPolicy {
  const own = ownAddresses.map((address) => `reject ${address.includes(":") ? `[${address}]` : address}:*`);
  return ExitPolicy.ofExit([rules, ...own].filter((rule) => rule !== "").join(","));
}

function addressesHere(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap(
    (entries) => entries?.map(({ address }) => address) ?? [],
  );
}
