import type { IpAddress, ResolvedAnswer } from "@tabor/onion-core";
import { parseIpAddress } from "../net/ip-address.ts";
import type { AddressPolicy } from "./address-policy.ts";
import { unlessAborted } from "./deadline.ts";
import { isHostName } from "../net/host-name.ts";
import type { NameAnswer, NameService } from "./name-service.ts";
import { isReverseName, parseReverseName } from "../net/reverse-name.ts";

/** What fits a RESOLVED message of 1902 bytes (SPEC §7.4): an address takes up to 22 of them, a name up to 259. */
const MAX_ADDRESSES = 64;
const MAX_NAMES = 7;
/** The system's resolver does not tell for how long an answer holds. */
export const UNKNOWN_TTL = 0;

const PERMANENT_ERROR: ResolvedAnswer = { type: "error", transient: false };

/**
 * Answers a RESOLVE (SPEC §7.4): addresses that the policy does not tell are left out.
 * @throws ExitRefusal when `signal` aborts.
 */
export async function answersFor(
  name: string,
  { policy, names, signal }: { policy: AddressPolicy; names: NameService; signal: AbortSignal },
): Promise<readonly ResolvedAnswer[]> {
  const literal = parseIpAddress(name);
  if (literal !== null) return addressAnswers({ found: [literal] }, policy);
  if (!isReverseName(name)) {
    if (!isHostName(name)) return [PERMANENT_ERROR];
    return addressAnswers(await unlessAborted(names.addresses(name), signal), policy);
  }
  const address = parseReverseName(name);
  // The names of private addresses are as private as they are.
  if (address === null || !policy.reaches(address)) return [PERMANENT_ERROR];
  return nameAnswers(await unlessAborted(names.names(address), signal));
}

function addressAnswers(answer: NameAnswer<IpAddress>, policy: AddressPolicy): readonly ResolvedAnswer[] {
  if ("failed" in answer) return [{ type: "error", transient: answer.failed !== "permanent" }];
  const told = answer.found.filter((address) => policy.reaches(address)).slice(0, MAX_ADDRESSES);
  if (told.length === 0) return [PERMANENT_ERROR];
  return told.map((address) => ({ type: "address", address, ttl: UNKNOWN_TTL }));
}

function nameAnswers(answer: NameAnswer<string>): readonly ResolvedAnswer[] {
  if ("failed" in answer) return [{ type: "error", transient: answer.failed !== "permanent" }];
  const told = answer.found.filter(isHostName).slice(0, MAX_NAMES);
  if (told.length === 0) return [PERMANENT_ERROR];
  return told.map((name) => ({ type: "name", name, ttl: UNKNOWN_TTL }));
}
