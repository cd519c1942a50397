import { isIP } from "node:net";
import { SCRUBBED, Sensitive, type Log, type LogFields } from "@tabor/onion-core";

/** What may be an IP address, with or without the brackets and the port of a URL. */
const CANDIDATE = /[0-9A-Fa-f:.]*[.:][0-9A-Fa-f:.]+/g;

/**
 * A log that hides targets and addresses, as Tor's `SafeLogging`: what is marked `Sensitive`, and any IP address in a text, as the system's and libraries' messages
 * may have one. A file of log lines is copied, kept and asked for by others, and its writer can't know whose address a line has.
 * @param revealing whoever runs the program asked to see them
 */
export function safeLog(log: Log, revealing = false): Log {
  return revealing ? revealingLog(log) : mapped(log, scrubbed, scrubbed);
}

/** A log that shows what is `Sensitive`. */
function revealingLog(log: Log): Log {
  return mapped(
    log,
    (text) => text,
    (value) => (value instanceof Sensitive ? value.reveal() : value),
  );
}

/** The text without IP addresses; other values as they are, for `Sensitive` ones hide themselves. */
export function scrubbed<Value>(value: Value): Value | string {
  if (typeof value !== "string") return value;
  return value.replace(CANDIDATE, (found) => (holdsAddress(found) ? SCRUBBED : found));
}

/** The last dot or colon may be of the sentence, and what follows the last colon a port. */
function holdsAddress(found: string): boolean {
  const trimmed = found.replace(/[.:]+$/, "");
  return [found, trimmed, trimmed.replace(/:[0-9]+$/, "")].some((text) => isIP(text) !== 0);
}

type Value = LogFields[string];

function mapped(log: Log, textOf: (text: string) => string, valueOf: (value: Value) => Value): Log {
  const fieldsOf = (fields: LogFields): LogFields =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, valueOf(value)]));
  const writer =
    (level: "error" | "warn" | "info" | "debug") =>
    (message: string, fields?: LogFields): void => {
      log[level](textOf(message), fields && fieldsOf(fields));
    };
  return {
    error: writer("error"),
    warn: writer("warn"),
    info: writer("info"),
    debug: writer("debug"),
    scoped: (scope) => mapped(log.scoped(scope), textOf, valueOf),
  };
}
