import type { BootstrapStage } from "@tabor/onion-core";
import { explain } from "@tabor/browsing/explain";
import type { DirectoryPhase, NetworkState } from "../../services/network.ts";

/** How the way into the network is shown. */
export interface ConnectionText {
  readonly tone: "busy" | "waiting" | "ready" | "failed";
  /** 0…100 */
  readonly percent: number;
  /** A few words. */
  readonly headline: string;
  /** What is being done, or why it waits. */
  readonly sentence: string;
  /** What the person can do, if anything. */
  readonly advice: string | undefined;
}

/** @param now of the clock's `monotonic`, for the countdown to the next try. */
export function connectionText({ directory, client }: NetworkState, now: number): ConnectionText {
  if (client.stage === "ready") return readyText(directory);
  if (directory.phase === "failed") return failedText(directory);
  if (client.stage === "directory") return directoryText(directory, now);
  if (client.problem !== undefined) return problemText(client.percent, explain(client.problem));
  return { tone: "busy", percent: client.percent, ...DOING[client.stage], advice: undefined };
}

const DOING: Readonly<Record<BootstrapStage, Pick<ConnectionText, "headline" | "sentence">>> = {
  directory: { headline: "Asking for relays", sentence: "The directory is asked which relays there are." },
  guard: {
    headline: "Connecting to the guard",
    sentence: "The guard is the first relay of every circuit, and the only one that sees your address.",
  },
  circuit: {
    headline: "Building a circuit",
    sentence: "Keys are agreed with three relays, one after the other.",
  },
  ready: { headline: "Connected", sentence: "A circuit through three relays is ready." },
};

const OFFLINE: ConnectionText = {
  tone: "waiting",
  percent: 0,
  headline: "This device is offline",
  sentence: "The app itself is kept in this browser, but the network can't be reached.",
  advice: "Connect this device: Tabor then goes on by itself.",
};

function readyText(directory: DirectoryPhase): ConnectionText {
  const away = directory.phase === "lost" || directory.phase === "offline";
  return {
    tone: "ready",
    percent: 100,
    headline: "Connected",
    sentence: away
      ? "A circuit is ready. The directory is away for now; what is known of the relays serves for some minutes."
      : DOING.ready.sentence,
    advice: undefined,
  };
}

function failedText({ reason }: DirectoryPhase & { phase: "failed" }): ConnectionText {
  return problemText(0, explain(reason), "failed");
}

function directoryText(directory: DirectoryPhase, now: number): ConnectionText {
  switch (directory.phase) {
    case "loading":
      return busy(2, "Starting", "The code that speaks with the network is being loaded.");
    case "connecting":
      return busy(
        5,
        "Connecting to the directory",
        "The directory lists the relays; your pages never pass it.",
      );
    case "authenticating":
      return busy(
        10,
        "Checking the directory",
        "It has to prove that it is the one this app was set up with.",
      );
    case "joined":
      return directory.problem === undefined
        ? busy(20, DOING.directory.headline, DOING.directory.sentence)
        : problemText(20, explain(directory.problem));
    case "lost":
      return { ...problemText(5, explain(directory.reason)), sentence: lostSentence(directory, now) };
    case "offline":
      return OFFLINE;
    case "failed":
      return failedText(directory);
  }
}

function lostSentence({ reason, retryAt }: DirectoryPhase & { phase: "lost" }, now: number): string {
  const seconds = Math.max(0, Math.ceil((retryAt - now) / 1000));
  return `${sentence(reason.message)} ${seconds === 0 ? "Trying again now." : `Trying again in ${String(seconds)} s.`}`;
}

function problemText(
  percent: number,
  { title, where, advice, detail }: ReturnType<typeof explain>,
  tone: ConnectionText["tone"] = "waiting",
): ConnectionText {
  return { tone, percent, headline: title, sentence: sentence(`${where}: ${detail}`), advice };
}

function busy(percent: number, headline: string, text: string): ConnectionText {
  return { tone: "busy", percent, headline, sentence: text, advice: undefined };
}

/** With a capital and a full stop. */
export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
