import type { Log, LogFields } from "@tabor/onion-core";
import { destination, pino, type Logger } from "pino";

const STDERR = 2;

/** A log on stderr, one JSON object a line; without host name and process id, which say where someone runs it. */
export function stderrLog(level: string): Log {
  return pinoLog(pino({ level, base: null }, destination({ fd: STDERR, sync: true })));
}

function pinoLog(logger: Logger): Log {
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
