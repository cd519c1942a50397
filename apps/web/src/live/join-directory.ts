import { type DirectorySource, type GuardTokens, NO_TOKENS } from "@tabor/onion-core";
import { type AdmissionMode, type Broker, DirectoryClient, type Membership } from "@tabor/rtc-link";
import {
  Elector,
  FollowingDirectory,
  HostTrust,
  type KnownHost,
  lookAround,
  originOfHost,
} from "@tabor/rtc-link/adhoc";
import type { FoundNetwork, LiveDeps } from "./find-network.ts";

/** A network's directory and broker, which this tab stays joined to. */
export interface JoinedDirectory
  extends
    DirectorySource,
    Broker,
    Pick<DirectoryClient, "state" | "onState" | "publish" | "retry" | "hurry" | "close"> {
  /** Whom the network lets in, as far as that is known. */
  readonly admission: AdmissionMode | undefined;
  /** What guards have to be shown. */
  readonly tokens: GuardTokens;
}

type Deps = Pick<LiveDeps, "clock" | "random" | "log">;

/** Stays joined to a network's servers or, in an ad-hoc one, to whichever host serves. Starts at once. */
export function joinDirectory(
  { servers, authorities, hosts }: FoundNetwork,
  membership: Membership,
  { clock, random, log }: Deps,
): JoinedDirectory {
  const deps = { clock, random, log: log.scoped("directory") };
  if (hosts !== undefined) return new FollowedHosts(hosts, membership, deps);
  return new DirectoryClient({ servers, authorities, membership, ...deps });
}

/**
 * As a host that never serves (SPEC §9.8). Keys that the list does not name are pinned for as long as this app is open: it came from one of the
 * hosts itself, and is another one where another host serves it.
 */
class FollowedHosts extends FollowingDirectory implements JoinedDirectory {
  /** Everybody is let in, and no host is shown who is a member elsewhere. */
  readonly admission = "open";
  readonly tokens = NO_TOKENS;
  readonly #elector: Elector;

  constructor(hosts: readonly KnownHost[], membership: Membership, deps: Deps) {
    super({
      open: ({ address, authority }) =>
        new DirectoryClient({
          ...{ servers: [originOfHost(address)], authorities: [authority] },
          ...{ membership: asNobodysMember(membership), ...deps },
        }),
      lost: (wasJoined) => {
        this.#elector.lost(wasJoined);
      },
      clock: deps.clock,
    });
    const trust = new HostTrust(hosts);
    const fetch = globalThis.fetch.bind(globalThis);
    this.#elector = new Elector({
      ...{ ...deps, server: undefined },
      look: (signal) => lookAround({ ...deps, trust, own: undefined, fetch }, signal),
      join: (host) => {
        this.follow(host);
      },
    });
  }

  override close(): void {
    super.close();
    void this.#elector.close();
  }
}

function asNobodysMember(membership: Membership): Membership {
  return membership.role === "client" ? { role: "client" } : { ...membership, voucher: undefined };
}
