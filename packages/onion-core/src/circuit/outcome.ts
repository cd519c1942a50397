import type { DestroyReason } from "../cell/control.ts";
import { TaborError } from "../errors.ts";

/** What the loss of a circuit means to its user. @param hop zero-based, who told us. */
export function errorFromTruncated(reason: DestroyReason, hop: number): TaborError {
  const who = `relay #${String(hop + 1)}`;
  switch (reason) {
    case "connect-failed":
      return new TaborError("unreachable", "relay", `${who} has no link to the next relay`);
    case "link-closed":
      return new TaborError("closed", "relay", `${who} lost its link to the next relay`);
    case "resource-limit":
      return new TaborError("resource-limit", "relay", `a relay after ${who} has too much to do`);
    case "timeout":
      return new TaborError("timeout", "relay", `the relay after ${who} did not answer in time`);
    case "protocol":
      return new TaborError("not-authentic", "relay", `the relay after ${who} found a cell that was altered`);
    default:
      return new TaborError("closed", "relay", `the relay after ${who} ended the circuit`);
  }
}

/** The guard has sent DESTROY. */
export function errorFromDestroy(reason: DestroyReason): TaborError {
  switch (reason) {
    case "resource-limit":
      return new TaborError("resource-limit", "relay", "the guard has too much to do");
    case "protocol":
      return new TaborError("not-authentic", "relay", "the guard found a cell that was altered");
    default:
      return new TaborError("closed", "relay", "the guard ended the circuit");
  }
}

/** The coarse reason that neighbours are told of an error of ours. */
export function destroyReasonFor(error: TaborError): DestroyReason {
  switch (error.code) {
    case "malformed":
    case "protocol":
    case "not-authentic":
      return "protocol";
    case "resource-limit":
      return "resource-limit";
    case "timeout":
      return "timeout";
    case "closed":
      return "destroyed";
    default:
      return "internal";
  }
}
