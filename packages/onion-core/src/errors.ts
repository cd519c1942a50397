/**
 * The one way of failing. Every error that leaves a function of ours is a `TaborError`: its `code` says what
 * happened and lets a caller `switch` on it; its `where` says on whose side, so that a person can be told.
 * Messages never hold keys, payloads, targets or addresses.
 */

/** On whose side it happened, from a user's point of view. */
export type ErrorPlace = "here" | "directory" | "link" | "relay" | "exit" | "site";

export type ErrorCode =
  /** Bytes from outside that do not decode (SPEC §1.3). */
  | "malformed"
  /** Well-formed, but not allowed now: the sender breaks the protocol. */
  | "protocol"
  /** A signature, tag, fingerprint or identity that does not match. */
  | "not-authentic"
  /** The network is for members, and does not take us for one (SPEC §9.6). */
  | "not-a-member"
  /** A document or challenge whose time is over, or not yet come. */
  | "expired"
  /** A bound was reached (SPEC §11). */
  | "resource-limit"
  /** A deadline passed. */
  | "timeout"
  /** The other side, or we, closed it. */
  | "closed"
  /** There is no path, relay or exit that fits. */
  | "no-path"
  /** No connection to the peer could be made. */
  | "unreachable"
  /** The exit could not resolve the name. */
  | "resolve-failed"
  /** The site refused the connection. */
  | "refused"
  /** The exit's policy forbids the target. */
  | "exit-policy"
  /** The site closed the connection abruptly. */
  | "reset"
  /** The caller asked for something that cannot be (a bug on our side of the port). */
  | "usage"
  /** The caller withdrew the request. */
  | "aborted";

export class TaborError extends Error {
  override readonly name = "TaborError";

  constructor(
    readonly code: ErrorCode,
    readonly where: ErrorPlace,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Turns anything thrown into a `TaborError`, keeping the original as its cause. */
export function toTaborError(thrown: unknown, where: ErrorPlace, doing: string): TaborError {
  if (thrown instanceof TaborError) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new TaborError("closed", where, `${doing}: ${detail}`, { cause: thrown });
}
