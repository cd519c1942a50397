import type { OnionDuplex, OpenOptions, StreamOpener } from "@tabor/browsing";
import { PortDuplex } from "@tabor/browsing/view";
import { TaborError, type CircuitInfo, type ExitKind } from "@tabor/onion-core";
import type { ExitKindMessage, FromWorker, StreamMessage } from "./messages.ts";
import { fromPlain } from "./plain.ts";

type Ask = (message: FromWorker, ports: MessagePort[]) => void;

/** Streams of the client in the page, for the engine in its worker. */
export class RemoteOpener implements StreamOpener {
  /** Whether exits that fetch may be used: otherwise nobody need be asked of which kind one is. */
  fetchExits = false;
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async open({ host, port }: Target, options: OpenOptions): Promise<OnionDuplex> {
    const { port1, port2 } = new MessageChannel();
    const stream = new RemoteStream(port1, options);
    const { isolation, early, fetch } = options;
    this.#ask({ type: "open-stream", host, port, isolation, fetch, early }, [port2]);
    await stream.opened;
    return stream;
  }

  async exitKind(
    { host, port }: Target,
    { signal, onProgress }: Pick<OpenOptions, "signal" | "onProgress">,
  ): Promise<ExitKind> {
    if (!this.fetchExits) return "stream";
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise<ExitKind>((resolve, reject) => {
      port1.onmessage = ({ data }: MessageEvent<unknown>) => {
        const message = fromPlain(data) as ExitKindMessage;
        if (message.type === "waiting") onProgress?.(message.sentence);
        else if (message.outcome.ok) resolve(message.outcome.value);
        else reject(message.outcome.error);
      };
      const withdraw = (): void => {
        reject(new TaborError("aborted", "here", "withdrawn"));
      };
      if (signal?.aborted === true) withdraw();
      signal?.addEventListener("abort", withdraw, { once: true });
    });
    this.#ask({ type: "exit-kind", host, port }, [port2]);
    return answer.finally(() => {
      port1.postMessage("enough");
      port1.close();
    });
  }
}

type Target = Parameters<StreamOpener["open"]>[0];

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
