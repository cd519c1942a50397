import type { Duplex, ResolvedAnswer, StreamTarget } from "@tabor/onion-core";

/** What the SOCKS proxy needs of an onion client. */
export interface OnionClientPort {
  /**
   * Opens a stream to a site through a circuit. Streams share circuits only if their isolation keys are equal.
   * `early` is data for the site that is sent along, without waiting for the exit to connect.
   * @throws TaborError that says what happened, and where.
   */
  openStream(target: StreamTarget, options: StreamOptions & { early?: Uint8Array }): Promise<Duplex>;

  /** Asks an exit for the addresses of a name, or the names of an `in-addr.arpa` or `ip6.arpa` name. @throws TaborError */
  resolve(name: string, options: StreamOptions): Promise<readonly ResolvedAnswer[]>;
}

export interface StreamOptions {
  readonly isolation: string;
  readonly signal: AbortSignal;
}
