/**
 * Where log lines go, handed down and scoped ("link 3", "circuit 7"). Levels: `error` the process cannot do its
 * work; `warn` someone should look; `info` what an operator wants to see of a normal run; `debug` one line per
 * circuit or stream event. Keys and payloads appear at no level; targets and addresses only where their owner runs the
 * program, as `Sensitive`.
 */
export interface Log {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  scoped(scope: string): Log;
}

export type LogFields = Readonly<Record<string, string | number | boolean | Sensitive>>;

/** What a log hides: it is written as "[scrubbed]" wherever nobody asked to see it. */
export class Sensitive {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return SCRUBBED;
  }

  toJSON(): string {
    return SCRUBBED;
  }

  /** For who runs the program and said so. */
  reveal(): string {
    return this.#text;
  }
}

export const SCRUBBED = "[scrubbed]";

/** A log that goes nowhere. */
export const silentLog: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  scoped: () => silentLog,
};
