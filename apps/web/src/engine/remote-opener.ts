import type { OnionDuplex, OpenOptions, StreamOpener } from "@tabor/browsing";
import { PortDuplex } from "@tabor/browsing/view";
import { TaborError, type CircuitInfo } from "@tabor/onion-core";
import type { FromWorker, StreamMessage } from "./messages.ts";
import { fromPlain } from "./plain.ts";

type Ask = (message: FromWorker, ports: MessagePort[]) => void;

/** Streams of the client in the page, for the engine in its worker. */
export function remoteOpener(ask: Ask): StreamOpener {
  return {
    open: async ({ host, port }, options) => {
      const { port1, port2 } = new MessageChannel();
      const stream = new RemoteStream(port1, options);
      ask({ type: "open-stream", host, port, isolation: options.isolation, early: options.early }, [port2]);
      await stream.opened;
      return stream;
    },
  };
}

/** The worker's end of a stream. */
class RemoteStream extends PortDuplex implements OnionDuplex {
  readonly opened: Promise<unknown>;
  #circuit: CircuitInfo | undefined;

  constructor(port: MessagePort, { signal, onProgress }: OpenOptions) {
    let isOpen: () => void = () => undefined;
    let failed: (error: TaborError) => void = () => undefined;
    const opened = new Promise<void>((resolve, reject) => {
      isOpen = resolve;
      failed = reject;
    });
    super(port, (data) => {
      const message = fromPlain(data) as StreamMessage;
      switch (message.type) {
        case "progress":
          onProgress?.(message.sentence, message.circuit);
          return true;
        case "opened":
          this.#circuit = message.circuit;
          isOpen();
          return true;
      }
    });
    this.opened = opened;
    this.onBroken(failed);
    const withdraw = (): void => {
      this.abort(new TaborError("aborted", "here", "withdrawn"));
    };
    if (signal?.aborted === true) withdraw();
    signal?.addEventListener("abort", withdraw);
    // From now on the stream is its user's to abort.
    const release = (): void => {
      signal?.removeEventListener("abort", withdraw);
    };
    opened.then(release, release);
  }

  get circuit(): CircuitInfo {
    if (this.#circuit === undefined) throw new TaborError("usage", "here", "the stream is not open yet");
    return this.#circuit;
  }
}
