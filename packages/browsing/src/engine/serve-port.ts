import { TaborError, toTaborError } from "@tabor/onion-core";
import type { ViewAnswerMessage, ViewRequestMessage } from "../view/messages.ts";
import { PortDuplex } from "../view/port-duplex.ts";
import type { ViewAnswer, ViewRequest } from "./view-answer.ts";

/** What the engine makes of what is asked; undefined: nothing is known of it. */
export type ViewServer = (message: ViewRequestMessage) => ((asked: Asked) => Promise<ViewAnswer>) | undefined;

/** What belongs to a request beside its message. */
export interface Asked {
  readonly body: ViewRequest["body"];
  /** Aborted when the browser no longer wants the answer. */
  readonly signal: AbortSignal;
}

/** Answers one request of the service worker's on its port. Never throws. */
export async function servePort(
  message: ViewRequestMessage,
  port: MessagePort,
  server: ViewServer,
): Promise<void> {
  const say = (answer: ViewAnswerMessage): void => {
    port.postMessage(answer);
  };
  const answering = server(message);
  if (answering === undefined) {
    say({ type: "unknown" });
    port.close();
    return;
  }
  say({ type: "taken" });
  const stream = new PortDuplex(port);
  try {
    const { status, headers, body } = await answering(askedOn(stream, message));
    say({
      type: "answer",
      status,
      headers: headers.map(([name, value]) => [name, value]),
      hasBody: body !== undefined,
    });
    await sendBody(body, stream);
  } catch (thrown) {
    stream.abort(toTaborError(thrown, "here", "answering the view"));
  }
}

function askedOn(stream: PortDuplex, { bodyLength }: ViewRequestMessage): Asked {
  const ending = new AbortController();
  stream.onBroken(() => {
    ending.abort(new TaborError("aborted", "here", "the page no longer wants it"));
  });
  const body = bodyLength === undefined ? undefined : { length: bodyLength, stream };
  return { body, signal: ending.signal };
}

async function sendBody(body: ViewAnswer["body"], stream: PortDuplex): Promise<void> {
  if (body instanceof Uint8Array) await stream.write(body);
  else if (body !== undefined) for await (const piece of body) await stream.write(piece);
  stream.end();
}
