/** What ends a running program in good order. */
export type Close = () => Promise<void> | void;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a program: `start` until it is up, then until it is told to end. Signals end it in good order, and so does the end
 * of whoever started it with an IPC channel, so that nothing is left behind. What `start` throws is printed as one
 * sentence, and the exit code is 1.
 */
export async function runProgram(start: () => Promise<Close>): Promise<void> {
  let close: Close | undefined;
  const end = (): void => {
    void Promise.resolve(close?.()).finally(() => process.exit(0));
  };
  for (const signal of SIGNALS) process.once(signal, end);
  if (process.send !== undefined) process.once("disconnect", end);
  try {
    close = await start();
  } catch (thrown) {
    fail(thrown);
  }
}

/** Ends with one sentence for the person who started the program. */
export function fail(thrown: unknown): never {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exit(1);
}
