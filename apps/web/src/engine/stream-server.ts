import { PortDuplex } from "@tabor/browsing/view";
import { splice, toTaborError, type StreamProgress } from "@tabor/onion-core";
import { untilReady } from "../browsing/until-ready.ts";
import type { Network } from "../services/network.ts";
import type { FromWorker, StreamMessage } from "./messages.ts";
import { toPlain } from "./plain.ts";

type Request = Extract<FromWorker, { type: "open-stream" }>;

/** Opens a stream for the engine, and carries it over `port` until both of its directions have ended. Never throws. */
export async function serveStream(request: Request, port: MessagePort, network: Network): Promise<void> {
  const { host, isolation, early } = request;
  const say = (message: StreamMessage): void => {
    port.postMessage(toPlain(message));
  };
  const near = new PortDuplex(port);
  const ending = new AbortController();
  near.onBroken((error) => {
    ending.abort(error);
  });
  try {
    const { signal } = ending;
    await untilReady(network.state, signal, (sentence) => {
      say({ type: "progress", sentence, circuit: undefined });
    });
    const far = await network.openStream(
      { host, port: request.port },
      {
        isolation,
        signal,
        ...(early === undefined ? {} : { early }),
        onProgress: (step) => {
          const circuit = step.step === "connecting" ? step.circuit : undefined;
          say({ type: "progress", sentence: sentenceOf(step, host), circuit });
        },
      },
    );
    say({ type: "opened", circuit: far.circuit });
    await splice(near, far);
  } catch (thrown) {
    near.abort(toTaborError(thrown, "relay", "opening a stream"));
  }
}

function sentenceOf(step: StreamProgress, host: string): string {
  switch (step.step) {
    case "circuit":
      return step.attempt === 1 ? "Choosing a circuit" : "Choosing another circuit";
    case "connecting":
      return `Asking the exit to connect to ${host}`;
    case "retrying":
      return `That did not work: ${step.reason.message}. Trying another circuit`;
  }
}
