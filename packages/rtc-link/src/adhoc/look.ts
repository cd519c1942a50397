import { type Clock, type Log, type Random, type RelayId, TaborError, toTaborError } from "@tabor/onion-core";
import { type HostAddress, originOfHost } from "@tabor/signal-protocol";
import { within } from "../signalling/deadline.ts";
import { openSocketIo } from "../signalling/directory-client.ts";
import { type DirectorySocket, openConnection } from "../signalling/directory-connection.ts";
import { fetchNetworkInfo } from "../signalling/fetch-network-info.ts";
import { joinerOf } from "../signalling/membership.ts";
import type { ServingHost } from "./election.ts";
import type { HostTrust } from "./trust.ts";

export interface LookOptions {
  readonly trust: HostTrust;
  /** This host's own address, which it does not ask. */
  readonly own: HostAddress | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** For tests. */
  readonly openSocket?: (url: string) => DirectorySocket;
}

/** Milliseconds in which a host has to prove itself. */
const LOOK_DEADLINE = 3000;

/** Asks all other hosts at once whether they serve (SPEC §9.8). Those that are not there are missing; never throws. */
export async function lookAround(options: LookOptions, signal: AbortSignal): Promise<readonly ServingHost[]> {
  const { trust, own } = options;
  const others = trust.hosts.filter(({ address }) => address !== own);
  const asked = others.map(({ address }) => lookAt(address, options, signal));
  return (await Promise.all(asked)).filter((host) => host !== undefined);
}

async function lookAt(
  address: HostAddress,
  options: LookOptions,
  signal: AbortSignal,
): Promise<ServingHost | undefined> {
  const { clock, log } = options;
  const attempt = new AbortController();
  const deadline = { clock, ms: LOOK_DEADLINE, where: "directory", what: "a server there", signal } as const;
  try {
    return await within(meet(address, options, attempt.signal), deadline);
  } catch (error) {
    const { code, message: reason } = toTaborError(error, "directory", "looking at a host");
    // Addresses are in no log: it is told by its place in the list.
    const host = options.trust.hosts.findIndex((known) => known.address === address) + 1;
    log[code === "not-authentic" ? "warn" : "debug"]("a host does not serve", { host, reason });
    return undefined;
  } finally {
    attempt.abort();
  }
}

/** What `tabor.json` says anybody could say; what counts is that the authority answers a challenge. */
async function meet(address: HostAddress, options: LookOptions, signal: AbortSignal): Promise<ServingHost> {
  const url = originOfHost(address);
  const { authorities } = await fetchNetworkInfo(url, { ...options, signal });
  const authority = options.trust.authorityOf(address) ?? authorities[0];
  if (authority === undefined || authorities.length !== 1 || authorities[0] !== authority) {
    throw new TaborError("not-authentic", "directory", "the host has another authority than it should have");
  }
  await prove(url, authority, options, signal);
  options.trust.proved(address, authority);
  return { address, authority };
}

/** Joins as nobody in particular, and leaves after the welcome, which the authority has signed. */
async function prove(
  url: string,
  authority: RelayId,
  { openSocket = openSocketIo, clock, random }: LookOptions,
  signal: AbortSignal,
): Promise<void> {
  const socket = openSocket(url);
  const giveUp = (): void => void socket.disconnect();
  signal.addEventListener("abort", giveUp);
  try {
    await openConnection({
      ...{ socket, clock, random, authorities: [authority] },
      joiner: (challenge) => joinerOf({ role: "client" }, challenge, undefined),
      authenticating: () => undefined,
      consensus: () => undefined,
      signalled: () => undefined,
    });
  } finally {
    signal.removeEventListener("abort", giveUp);
    socket.removeAllListeners();
    socket.disconnect();
  }
}
