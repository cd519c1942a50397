import {
  Sensitive,
  splice,
  startingWith,
  TaborError,
  toTaborError,
  type Clock,
  type Duplex,
  type Log,
  type ResolvedAnswer,
} from "@tabor/onion-core";
import { reverseNameOf } from "../net/reverse-name.ts";
import { SocksHandshake, type AcceptedRequest } from "./handshake.ts";
import { isolationKey } from "./isolation.ts";
import type { OnionClientPort, StreamOptions } from "./onion-client-port.ts";
import { encodeReply, REPLY, replyCodeOf, type Bound } from "./reply.ts";

/** From the first byte to the request: nobody types this by hand. */
const HANDSHAKE_DEADLINE_MS = 30_000;
/** How long a client that has its last answer may take to close. */
const FAREWELL_MS = 2_000;

export interface SocksDeps {
  readonly client: OnionClientPort;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Serves one SOCKS client, from its greeting to the end of its stream. Never throws: whatever goes wrong is the end of
 * this connection only.
 * @param gone aborts when the client's connection is closed.
 */
export async function serveClient(peer: Duplex, gone: AbortSignal, deps: SocksDeps): Promise<void> {
  try {
    const accepted = await within(HANDSHAKE_DEADLINE_MS, peer, deps, () => shakeHands(peer, deps));
    if (accepted !== undefined) await serve(peer, accepted, gone, deps);
  } catch (thrown) {
    const error = toTaborError(thrown, "here", "serving a SOCKS client");
    deps.log.debug("connection broke", { code: error.code, where: error.where });
    peer.abort(error);
  }
}

/** @returns undefined if the client was refused, or left. */
async function shakeHands(peer: Duplex, deps: SocksDeps): Promise<AcceptedRequest | undefined> {
  const handshake = new SocksHandshake();
  for (let bytes = await peer.read(); bytes !== null; bytes = await peer.read()) {
    const step = handshake.push(bytes);
    if (step.kind === "refuse") {
      deps.log.debug("handshake refused", { why: step.why });
      await farewell(peer, step.reply, deps);
      return undefined;
    }
    if (step.reply.length > 0) await peer.write(step.reply);
    if (step.kind === "request") return step.accepted;
  }
  peer.end();
  return undefined;
}

async function serve(
  peer: Duplex,
  accepted: AcceptedRequest,
  gone: AbortSignal,
  deps: SocksDeps,
): Promise<void> {
  const { request, credentials, early } = accepted;
  const options: StreamOptions = { isolation: isolationKey(credentials), signal: gone };
  switch (request.command) {
    case "connect": {
      const sent = early.length === 0 ? options : { ...options, early };
      const stream = await deps.client.openStream(request.target, sent).catch(asTaborError);
      if (stream instanceof TaborError) await refuse(peer, stream, request.target.host, deps);
      else await splice(peer, startingWith(encodeReply(REPLY.succeeded), stream));
      return;
    }
    case "resolve":
      await answerLookup(peer, request.host, options, deps);
      return;
    case "resolve-ptr":
      await answerLookup(peer, reverseNameOf(request.address), options, deps);
      return;
  }
}

async function answerLookup(
  peer: Duplex,
  name: string,
  options: StreamOptions,
  deps: SocksDeps,
): Promise<void> {
  const answers = await deps.client.resolve(name, options).catch(asTaborError);
  if (answers instanceof TaborError) return refuse(peer, answers, name, deps);
  const found = answers.map(boundOf).find((each) => each !== undefined);
  const reply =
    found === undefined ? encodeReply(REPLY.hostUnreachable) : encodeReply(REPLY.succeeded, found);
  await farewell(peer, reply, deps);
}

function boundOf(answer: ResolvedAnswer): Bound | undefined {
  switch (answer.type) {
    case "address":
      return { address: answer.address };
    case "name":
      return { name: answer.name };
    case "error":
      return undefined;
  }
}

async function refuse(peer: Duplex, error: TaborError, host: string, deps: SocksDeps): Promise<void> {
  const { code, where } = error;
  deps.log.debug("request failed", { code, where, target: new Sensitive(host) });
  await farewell(peer, encodeReply(replyCodeOf(error.code)), deps);
}

/** Sends the last bytes, and reads on until the client closes: closing over unread input would lose them (TCP resets). */
async function farewell(peer: Duplex, last: Uint8Array, deps: SocksDeps): Promise<void> {
  await within(FAREWELL_MS, peer, deps, async () => {
    if (last.length > 0) await peer.write(last);
    peer.end();
    while ((await peer.read()) !== null);
  });
}

/** Runs `run`; aborts the client if it takes too long, and so ends every wait in it. */
async function within<T>(ms: number, peer: Duplex, { clock }: SocksDeps, run: () => Promise<T>): Promise<T> {
  const cancel = clock.after(ms, () => {
    peer.abort(new TaborError("timeout", "here", "the SOCKS client took too long"));
  });
  try {
    return await run();
  } finally {
    cancel();
  }
}

function asTaborError(thrown: unknown): TaborError {
  return toTaborError(thrown, "here", "opening a stream");
}
