import type { AddressPreference, IpAddress, ResolvedAnswer, StreamTarget } from "../cell/stream-bodies.ts";
import type { Duplex } from "./duplex.ts";
import type { EndReason } from "../cell/end-reason.ts";

/** An open connection from the exit to a site. */
export interface ExitConnection extends Duplex {
  /** The address that was checked and dialled. */
  readonly address: IpAddress;
  /** Seconds that the answer of the name service may be kept; 0 if unknown. */
  readonly ttl: number;
}

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
