import { PortDuplex } from "@tabor/browsing/view";
import {
  splice,
  toTaborError,
  type ClientStream,
  type StreamOptions,
  type StreamProgress,
} from "@tabor/onion-core";
import { untilReady } from "../browsing/until-ready.ts";
import type { Network } from "../services/network.ts";
import type { ExitKindMessage, FromWorker, StreamMessage } from "./messages.ts";
import { toPlain } from "./plain.ts";

type Request = Extract<FromWorker, { type: "open-stream" }>;

/** Opens a stream for the engine, and carries it over `port` until both of its directions have ended. Never throws. */
export async function serveStream(request: Request, port: MessagePort, network: Network): Promise<void> {
  const { host, isolation, early, fetch } = request;
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
    const options: StreamOptions = {
      isolation,
      signal,
      ...(early === undefined ? {} : { early }),
      onProgress: (step) => {
        const circuit = step.step === "connecting" ? step.circuit : undefined;
        say({ type: "progress", sentence: sentenceOf(step, host), circuit });
      },
    };
    const target = { host, port: request.port };
    const far: ClientStream =
      fetch === undefined
        ? await network.openStream(target, options)
        : await network.openFetch({ ...target, scheme: fetch }, options);
    say({ type: "opened", circuit: far.circuit });
    await splice(near, far);
  } catch (thrown) {
    near.abort(toTaborError(thrown, "relay", "opening a stream"));
  }
}

/** Tells which kind of exit a stream gets, once there is a way into the network. Never throws. */
export async function serveExitKind(
  { host, port: number }: Extract<FromWorker, { type: "exit-kind" }>,
  port: MessagePort,
  network: Network,
): Promise<void> {
  const say = (message: ExitKindMessage): void => {
    port.postMessage(toPlain(message));
  };
  const enough = new AbortController();
  port.onmessage = () => {
    enough.abort();
  };
  try {
    await untilReady(network.state, enough.signal, (sentence) => {
      say({ type: "waiting", sentence });
    });
    say({ type: "exit-kind", outcome: { ok: true, value: network.exitKindFor({ host, port: number }) } });
  } catch (thrown) {
    const error = toTaborError(thrown, "here", "asking for an exit");
    say({ type: "exit-kind", outcome: { ok: false, error } });
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
