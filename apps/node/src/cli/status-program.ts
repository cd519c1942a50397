import type { Clock } from "@tabor/onion-core";
import { parseSamples, type Samples } from "../status/samples.ts";
import { statusText } from "../status/status-text.ts";
import type { ProgramContext } from "./ending.ts";

export interface StatusOptions {
  /** Where the program serves its metrics. */
  readonly metrics: number;
}

export interface Screen {
  readonly write: (text: string) => void;
  /** Whether a person looks at it as it is: else it is told once. */
  readonly isLive: boolean;
  readonly hasColors: boolean;
}

/** The page stays the same for as long, in milliseconds. */
const INTERVAL_MS = 10_000;
const FETCH_TIMEOUT_MS = 15_000;
const HOME_AND_CLEAR = "\x1b[H\x1b[2J";
const bold = (text: string): string => `\x1b[1m${text}\x1b[22m`;

/** Shows a running program's metrics: again and again on a terminal, else once. @throws a sentence if they cannot be had. */
export async function runStatus(
  { fail }: ProgramContext,
  { metrics: port }: StatusOptions,
  { screen, clock }: { readonly screen: Screen; readonly clock: Clock },
): Promise<void> {
  let before: { samples: Samples; at: number } | undefined;
  const show = async (): Promise<void> => {
    const now = await fetchSamples(port);
    const at = clock.monotonic();
    const earlier = before && { samples: before.samples, seconds: (at - before.at) / 1000 };
    const lines = statusText({ now, before: earlier, bold: screen.hasColors ? bold : (text) => text });
    screen.write(`${screen.isLive ? HOME_AND_CLEAR : ""}${lines.join("\n")}\n`);
    before = { samples: now, at };
    if (screen.isLive) clock.after(INTERVAL_MS, () => void show().catch(fail));
  };
  await show();
}

async function fetchSamples(port: number): Promise<Samples> {
  const url = `http://127.0.0.1:${String(port)}/metrics`;
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) }).catch(
    (thrown: unknown) => {
      throw new Error(`Nothing serves metrics at ${url}: start the program with --metrics ${String(port)}.`, {
        cause: thrown,
      });
    },
  );
  return parseSamples(await response.text());
}
