import {
  parseViewAnswer,
  PortDuplex,
  type ViewAnswerMessage,
  type ViewRequestMessage,
} from "@tabor/browsing/view";
import { TaborError } from "@tabor/onion-core";
import type { ViewClient } from "./worker-types.ts";

/** Milliseconds until a boot page counts as gone that says nothing. */
const TAKE_DEADLINE = 15_000;
/** Milliseconds for the whole way to a site's first bytes; the engine has shorter deadlines of its own. */
const ANSWER_DEADLINE = 300_000;

type Head = Extract<ViewAnswerMessage, { type: "answer" }>;

export interface Answered {
  readonly message: Head;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** One request, put to one boot page over a port of its own. */
export class Question {
  /** Itself, once its engine has said that it knows the token; rejects if it does not, or says nothing. */
  readonly taken: Promise<this>;
  readonly #stream: PortDuplex;
  readonly #body: Blob | undefined;
  readonly #head: Promise<Head>;

  constructor(boot: ViewClient, message: ViewRequestMessage, body: Blob | undefined) {
    const { port1, port2 } = new MessageChannel();
    this.#body = body;
    const taken = deferred<undefined>(TAKE_DEADLINE);
    const head = deferred<Head>(ANSWER_DEADLINE);
    this.#stream = new PortDuplex(port1, (said) => {
      const answer = parseViewAnswer(said);
      if (answer?.type === "taken") taken.resolve(undefined);
      else if (answer?.type === "unknown") taken.reject(new TaborError("expired", "here", "unknown"));
      else if (answer?.type === "answer") head.resolve(answer);
      return answer !== undefined;
    });
    this.#stream.onBroken((error) => {
      taken.reject(error);
      head.reject(error);
    });
    this.taken = taken.promise.then(() => this);
    this.#head = head.promise;
    for (const promise of [this.taken, this.#head]) promise.catch(() => undefined);
    boot.postMessage(message, [port2]);
  }

  /** @throws what the engine could not do it for; timeout. */
  async answer(): Promise<Answered> {
    const sending = this.#send();
    sending.catch(() => undefined);
    return { message: await this.#head, body: readable(this.#stream) };
  }

  /** The answer, or the rest of it, is not wanted. */
  withdraw(): void {
    this.#stream.abort(new TaborError("aborted", "here", "the page no longer wants it"));
  }

  async #send(): Promise<void> {
    const reader = this.#body?.stream().getReader();
    for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
      await this.#stream.write(next.value);
    }
    this.#stream.end();
  }
}

function readable(stream: PortDuplex): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      pull: async (controller) => {
        const bytes = await stream.read();
        if (bytes === null) controller.close();
        else controller.enqueue(bytes as Uint8Array<ArrayBuffer>);
      },
      cancel: () => {
        stream.abort(new TaborError("aborted", "here", "the page no longer wants it"));
      },
    },
    { highWaterMark: 0 },
  );
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: TaborError) => void;
}

/** A promise that is rejected after `ms` milliseconds. */
function deferred<T>(ms: number): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: TaborError) => void = () => undefined;
  const promise = new Promise<T>((one, other) => {
    resolve = one;
    reject = other;
  });
  const timer = setTimeout(() => {
    reject(new TaborError("timeout", "here", "no answer in time"));
  }, ms);
  const settled = (): void => {
    clearTimeout(timer);
  };
  promise.then(settled, settled);
  return { promise, resolve, reject };
}
