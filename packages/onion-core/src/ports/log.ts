/**
 * Where log lines go, handed down and scoped ("link 3", "circuit 7"). Levels: `error` the process cannot do its
 * work; `warn` someone should look; `info` what an operator wants to see of a normal run; `debug` one line per
 * circuit or stream event. Keys, payloads, targets and addresses appear at no level.
 */
export interface Log {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  scoped(scope: string): Log;
}

export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** A log that goes nowhere. */
export const silentLog: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  scoped: () => silentLog,
};
