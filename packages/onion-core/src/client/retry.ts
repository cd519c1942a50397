import type { TaborError } from "../errors.ts";

/** Whether another circuit may help (SPEC §10.2): what the site itself has said is final. */
export function mayRetry(error: TaborError): boolean {
  switch (error.code) {
    case "exit-policy":
    case "resolve-failed":
    case "resource-limit":
    case "closed":
    case "protocol":
    case "not-authentic":
    case "malformed":
      return true;
    case "timeout":
    case "unreachable":
      return error.where !== "site";
    case "refused":
    case "reset":
    case "not-a-member":
    case "expired":
    case "no-path":
    case "usage":
    case "aborted":
      return false;
  }
}

/** Whether it was this exit that would or could not: another one is tried. Otherwise the circuit is at fault. */
export function refusedByExit(error: TaborError): boolean {
  return error.where === "exit" && error.code !== "timeout";
}

/** Whether another circuit may be built in place of one that failed: what stopped it lies with one relay or its link. */
export function mayBuildAgain(error: TaborError): boolean {
  switch (error.code) {
    case "timeout":
    case "unreachable":
    case "closed":
    case "protocol":
    case "not-authentic":
    case "malformed":
      return true;
    case "resource-limit":
      return error.where !== "here";
    case "exit-policy":
    case "resolve-failed":
    case "refused":
    case "reset":
    case "not-a-member":
    case "expired":
    case "no-path":
    case "usage":
    case "aborted":
      return false;
  }
}
