import { TaborError } from "@tabor/onion-core";
import type { NetworkState } from "../services/network.ts";
import type { Readable } from "../services/store.ts";

/** Waits until there is a way into the network, and says what is being waited for. @throws aborted, or why there is none. */
export function untilReady(
  state: Readable<NetworkState>,
  signal: AbortSignal,
  onWait: (sentence: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (finish: () => void): void => {
      unsubscribe();
      signal.removeEventListener("abort", check);
      finish();
    };
    const fail = (error: TaborError): void => {
      end(() => {
        reject(error);
      });
    };
    function check(): void {
      const { client, directory } = state.value;
      if (signal.aborted) fail(new TaborError("aborted", "here", "withdrawn"));
      else if (client.stage === "ready") end(resolve);
      else if (directory.phase === "failed") fail(directory.reason);
      else onWait(waitSentence(state.value));
    }
    const unsubscribe = state.subscribe(check);
    signal.addEventListener("abort", check);
    check();
  });
}

function waitSentence({ client, directory }: NetworkState): string {
  if (directory.phase === "offline") return "Waiting for the network: this device is offline";
  const problem = client.problem ?? (directory.phase === "lost" ? directory.reason : undefined);
  if (problem !== undefined) return `Waiting for the network: ${problem.message}`;
  return client.doing === "" ? "Waiting for the network" : `Waiting for the network: ${client.doing}`;
}
