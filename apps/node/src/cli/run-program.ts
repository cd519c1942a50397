/** What a program that starts is given. */
export interface ProgramContext {
  /** Has `close` called before the process ends; the last registered is called first. */
  readonly onEnd: (close: () => Promise<void> | void) => void;
  /** Ends the program with a sentence on stderr and exit code 1. */
  readonly fail: (reason: unknown) => void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** How long the end may take, in milliseconds, before it is forced. */
const END_DEADLINE = 10_000;

/**
 * Runs a program until it is told to end. Signals end it in good order, and so does the end of whoever started it with an
 * IPC channel, so that nothing is left behind. What `start` throws is printed as one sentence.
 */
export async function runProgram(start: (context: ProgramContext) => Promise<void>): Promise<void> {
  const ending = new Ending();
  const end = (): void => {
    ending.begin(undefined);
  };
  // Every one of them, not the first alone: npm sends Ctrl-C on to us, who have had it from the terminal.
  for (const signal of SIGNALS) process.on(signal, end);
  if (process.send !== undefined) process.once("disconnect", end);
  // It may have gone while this program was loaded.
  if (process.send !== undefined && !process.connected) end();
  try {
    await start(ending);
  } catch (thrown) {
    ending.fail(thrown);
  }
}

class Ending implements ProgramContext {
  readonly #closers: (() => Promise<void> | void)[] = [];
  #hasBegun = false;

  readonly onEnd = (close: () => Promise<void> | void): void => {
    this.#closers.unshift(close);
  };

  readonly fail = (reason: unknown): void => {
    this.begin(reason instanceof Error ? reason.message : String(reason));
  };

  /** Only the first call counts: what breaks while everything is closed is no news. */
  begin(failure: string | undefined): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    setTimeout(() => process.exit(1), END_DEADLINE);
    void this.#closeAll().finally(() => {
      if (failure !== undefined) process.stderr.write(`${failure}\n`);
      process.exit(failure === undefined ? 0 : 1);
    });
  }

  async #closeAll(): Promise<void> {
    for (const close of this.#closers) await close();
  }
}
