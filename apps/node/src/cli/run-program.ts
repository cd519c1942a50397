import { Ending, type ProgramContext } from "./ending.ts";

export type { ProgramContext } from "./ending.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a program until it is told to end. Signals end it in good order, and so does the end of whoever started it with an
 * IPC channel, so that nothing is left behind. What `start` throws is printed as one sentence.
 */
export async function runProgram(start: (context: ProgramContext) => Promise<void>): Promise<void> {
  const ending = new Ending({
    clock: { after: timer, monotonic: () => performance.now() },
    print: (line) => process.stderr.write(`${line}\n`),
    exit: (code) => process.exit(code),
  });
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      ending.ask();
    });
  }
  const orphaned = (): void => {
    ending.askNow();
  };
  if (process.send !== undefined) process.once("disconnect", orphaned);
  // It may have gone while this program was loaded.
  if (process.send !== undefined && !process.connected) orphaned();
  try {
    await start(ending);
  } catch (thrown) {
    ending.fail(thrown);
  }
}

function timer(ms: number, fn: () => void): () => void {
  const id = setTimeout(fn, ms);
  return () => {
    clearTimeout(id);
  };
}
