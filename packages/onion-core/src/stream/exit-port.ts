import type { Duplex } from "./duplex.ts";
import type { EndReason } from "./end-reason.ts";

/** What a client asks an exit to connect to (SPEC §7.1). */
export interface StreamTarget {
  /** An ASCII host name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string;
  /** 1…65535. */
  readonly port: number;
}

/** BEGIN's flags (SPEC §7.1). */
export interface AddressPreference {
  readonly ipv6Allowed: boolean;
  readonly ipv4Refused: boolean;
  readonly ipv6Preferred: boolean;
}

/** An IP address as on the wire: 4 or 16 bytes. */
export type IpAddress = Uint8Array;

/** An open connection from the exit to a site. */
export interface ExitConnection extends Duplex {
  /** The address that was checked and dialled. */
  readonly address: IpAddress;
  /** Seconds that the answer of the name service may be kept; 0 if unknown. */
  readonly ttl: number;
}

/** One answer of RESOLVED (SPEC §7.4). */
export type ResolvedAnswer =
  | { readonly type: "name"; readonly name: string; readonly ttl: number }
  | { readonly type: "address"; readonly address: IpAddress; readonly ttl: number }
  | { readonly type: "error"; readonly transient: boolean };

/**
 * How an exit reaches the world, handed to the relay; a relay without one is no exit. Policy is applied inside, to the
 * address after resolution (SPEC §8.3).
 */
export interface ExitConnector {
  /** @throws ExitRefusal with the END reason for the client. */
  connect(target: StreamTarget, preference: AddressPreference, signal: AbortSignal): Promise<ExitConnection>;
  /** Never throws for a name that does not resolve: that is an `error` answer. */
  resolve(name: string, signal: AbortSignal): Promise<readonly ResolvedAnswer[]>;
}

/** Why an exit did not connect. */
export class ExitRefusal extends Error {
  override readonly name = "ExitRefusal";

  constructor(
    readonly reason: EndReason,
    /** For reason `exit-policy`: the address that was refused, so that the client can tell other exits apart. */
    readonly address?: IpAddress,
  ) {
    super(reason);
  }
}
