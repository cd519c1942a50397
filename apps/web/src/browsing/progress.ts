import type { CircuitInfo, StreamProgress } from "@tabor/onion-core";
import type { GetProgress } from "@tabor/http";
import { bytesText } from "./bytes-text.ts";

/** What is being done for a page now. */
export interface LoadProgress {
  readonly sentence: string;
  /** Bytes received of how many; undefined before the answer. */
  readonly received: number | undefined;
  readonly total: number | undefined;
  /** The circuit in use, once one was chosen. */
  readonly circuit: CircuitInfo | undefined;
}

export const STARTING: LoadProgress = {
  sentence: "Choosing a circuit",
  received: undefined,
  total: undefined,
  circuit: undefined,
};

export function afterStreamProgress(before: LoadProgress, step: StreamProgress, host: string): LoadProgress {
  switch (step.step) {
    case "circuit":
      return {
        ...STARTING,
        sentence: step.attempt === 1 ? "Choosing a circuit" : "Choosing another circuit",
      };
    case "connecting":
      return { ...before, circuit: step.circuit, sentence: `Asking the exit to connect to ${host}` };
    case "retrying":
      return { ...before, sentence: `That did not work: ${step.reason.message}. Trying another circuit` };
  }
}

export function afterGetProgress(before: LoadProgress, step: GetProgress): LoadProgress {
  switch (step.stage) {
    case "opening":
      return { ...STARTING, sentence: "Choosing a circuit" };
    case "waiting":
      return { ...before, sentence: `Waiting for ${step.url.host} to answer` };
    case "receiving":
      return { ...before, ...step, sentence: receivedSentence(step.received, step.total) };
  }
}

function receivedSentence(received: number, total: number | undefined): string {
  return total === undefined
    ? `${bytesText(received)} received`
    : `${bytesText(received)} of ${bytesText(total)} received`;
}
