import type { FetchProgress } from "../fetching/api.ts";

/** For a person who waits. @param recoveries how often a circuit was lost since it began. */
export function progressSentence(progress: FetchProgress, recoveries: number): string {
  const doing = progress.stage === "waiting" ? progress.sentence : receivedSentence(progress);
  return recoveries === 0 ? doing : `A relay on the way went away, so the page is asked for again. ${doing}`;
}

function receivedSentence({ received, total }: Extract<FetchProgress, { stage: "receiving" }>): string {
  return total === undefined
    ? `${bytesText(received)} received`
    : `${bytesText(received)} of ${bytesText(total)} received`;
}

function bytesText(bytes: number): string {
  return bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
