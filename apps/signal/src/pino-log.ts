import type { Log, LogFields } from "@tabor/onion-core";
import type { Logger } from "pino";

/** The core's log, written by pino. */
export function pinoLog(logger: Logger): Log {
  const writer =
    (level: "error" | "warn" | "info" | "debug") =>
    (message: string, fields: LogFields = {}): void => {
      logger[level](fields, message);
    };
  return {
    error: writer("error"),
    warn: writer("warn"),
    info: writer("info"),
    debug: writer("debug"),
    scoped: (scope) => pinoLog(logger.child({ scope })),
  };
}
