import type { Log, LogFields } from "@tabor/onion-core";
import { destination, pino, type Logger } from "pino";
import pretty from "pino-pretty";

/** `json`: an object a line, for programs. `text`: a sentence a line, for people. */
type LogFormat = "json" | "text";

const STDERR = 2;

/**
 * A log on stderr, without host name and process id, which say where someone runs it.
 * @param format unless given, `text` on a terminal, with colours unless `NO_COLOR` is set, else `json`
 */
export function stderrLog(level: string, format: LogFormat = isTerminal() ? "text" : "json"): Log {
  const lines =
    format === "json"
      ? destination({ fd: STDERR, sync: true })
      : pretty({ ...TEXT, colorize: isTerminal() && hasColors(), destination: STDERR, sync: true });
  return pinoLog(pino({ level, base: null }, lines));
}

/** `[Nov 23 13:40:00] INFO: directory: new consensus {"relays":4}` */
const TEXT = {
  singleLine: true,
  translateTime: "SYS:mmm dd HH:MM:ss",
  ignore: "scope",
  messageFormat: "{if scope}{scope}: {end}{msg}",
} as const;

function isTerminal(): boolean {
  return process.stderr.isTTY;
}

/** https://no-color.org */
function hasColors(): boolean {
  return (process.env["NO_COLOR"] ?? "") === "";
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
