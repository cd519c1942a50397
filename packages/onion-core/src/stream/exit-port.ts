import type {
  AddressPreference,
  FetchOrigin,
  IpAddress,
  ResolvedAnswer,
  StreamTarget,
} from "../cell/stream-bodies.ts";
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

/**
 * How an exit fetches for clients, handed to the relay (SPEC §7.5). Policy is applied inside, to the address where it can be known.
 */
export interface FetchConnector {
  /**
   * A stream on which the client speaks HTTP/1.1 in plain with `origin`, whatever its scheme.
   * @throws ExitRefusal; the stream may be aborted with one, too, which tells the client why.
   */
  fetch(origin: FetchOrigin, signal: AbortSignal): Promise<Duplex>;
}

/** What makes a relay an exit: for streams, for fetching, or for both. */
export interface ExitPorts {
  readonly connector: ExitConnector | undefined;
  readonly fetcher: FetchConnector | undefined;
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
