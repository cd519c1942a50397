import type { EndReason } from "../cell/end-reason.ts";
import { TaborError } from "../errors.ts";

/** What an END reason from an exit means to the client (SPEC §7.3, §10.2). */
export function errorFromEnd(reason: EndReason): TaborError {
  switch (reason) {
    case "resolve-failed":
      return new TaborError("resolve-failed", "exit", "the exit could not find the site's address");
    case "connection-refused":
      return new TaborError("refused", "site", "the site refused the connection");
    case "exit-policy":
      return new TaborError("exit-policy", "exit", "the exit's policy does not allow this address and port");
    case "timeout":
      return new TaborError("timeout", "site", "the site did not answer in time");
    case "no-route":
      return new TaborError("unreachable", "site", "the exit has no route to the site");
    case "connection-reset":
      return new TaborError("reset", "site", "the site broke the connection off");
    case "resource-limit":
      return new TaborError("resource-limit", "exit", "the exit has too much to do");
    case "hibernating":
      return new TaborError("resource-limit", "exit", "the exit takes no new streams");
    case "protocol":
      return new TaborError("protocol", "exit", "the exit says that we broke the protocol");
    case "unreadable":
      return new TaborError(
        "refused",
        "site",
        "the exit could not fetch it: the site did not answer, has no valid certificate, or lets no other site's pages read its answer (CORS)",
      );
    case "redirected":
      return new TaborError(
        "refused",
        "site",
        "the exit is a browser, and the site answered with a redirect, whose goal browsers do not tell",
      );
    case "destroyed":
      return new TaborError("closed", "relay", "the circuit was destroyed");
    case "internal":
    case "misc":
    case "done":
      return new TaborError("closed", "exit", "the exit ended the stream");
  }
}

/** What the other side of a stream is told about an error of ours: a coarse reason. */
export function endReasonFor(error: TaborError): EndReason {
  switch (error.code) {
    case "refused":
      return "connection-refused";
    case "reset":
      return "connection-reset";
    case "resolve-failed":
      return "resolve-failed";
    case "exit-policy":
      return "exit-policy";
    case "timeout":
      return "timeout";
    case "unreachable":
      return "no-route";
    case "resource-limit":
      return "resource-limit";
    default:
      return "misc";
  }
}
