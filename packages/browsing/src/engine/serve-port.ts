import { TaborError, toTaborError } from "@tabor/onion-core";
import type { ViewAnswerMessage, ViewRequestMessage } from "../view/messages.ts";
import { PortDuplex } from "../view/port-duplex.ts";
import type { TokenContent } from "../view/tokens.ts";
import type { ViewAnswer, ViewRequest } from "./view-answer.ts";

/** What the engine makes of a request; undefined: it does not know the token. */
export interface ViewServer {
  open(token: string): TokenContent | undefined;
  answer(request: ViewRequest, message: ViewRequestMessage): Promise<ViewAnswer>;
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
  const content = server.open(message.token);
  if (content === undefined) {
    say({ type: "unknown" });
    port.close();
    return;
  }
  say({ type: "taken" });
  const stream = new PortDuplex(port);
  try {
    const answer = await server.answer(requestOf(message, content, stream), message);
    const { status, headers, body } = answer;
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

function requestOf(message: ViewRequestMessage, content: TokenContent, stream: PortDuplex): ViewRequest {
  const { method, query, fragment, fields, reload, traversed, bodyLength } = message;
  const ending = new AbortController();
  stream.onBroken(() => {
    ending.abort(new TaborError("aborted", "here", "the page no longer wants it"));
  });
  const address = `/~v/${message.token}${query}`;
  const body = bodyLength === undefined ? undefined : { length: bodyLength, stream };
  const { signal } = ending;
  return { content, address, method, query, fragment, fields, reload, traversed, body, signal };
}

async function sendBody(body: ViewAnswer["body"], stream: PortDuplex): Promise<void> {
  if (body instanceof Uint8Array) await stream.write(body);
  else if (body !== undefined) for await (const piece of body) await stream.write(piece);
  stream.end();
}
