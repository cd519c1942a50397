/** One connection to a directory, from its first packet to its loss (SPEC §9). */
import { type Clock, type Random, type RelayId, TaborError, toTaborError } from "@tabor/onion-core";
import {
  type Answer,
  answerSchema,
  type Challenge,
  challengeSchema,
  consensusSchema,
  drawAnswerSchema,
  type DrawRequest,
  type DirectoryEvents,
  type IncomingSignal,
  incomingSignalSchema,
  joinAnswerSchema,
  parsePayload,
  type PeerAddress,
  type PeerEvents,
} from "@tabor/signal-protocol";
import type { Socket } from "socket.io-client";
import type { ConsensusMessage } from "./consensus-keeper.ts";
import { within } from "./deadline.ts";
import { answerChallenge, type Joiner, refusal, requireTrusted } from "./join-handshake.ts";

/** The socket of a peer; it neither connects nor reconnects by itself. */
export type DirectorySocket = Socket<DirectoryEvents, PeerEvents>;

export interface DirectoryConnection {
  readonly address: PeerAddress;
  /** @throws what the directory refuses with, timeout, or closed. */
  publish(descriptor: Uint8Array): Promise<void>;
  /** Says which consensus we have. @throws as `publish`. */
  have(digest: Uint8Array): Promise<void>;
  /** @returns the signatures, one after another. @throws what the directory refuses with, timeout, or closed. */
  draw(request: DrawRequest): Promise<Uint8Array>;
  /** @throws unreachable for an unknown peer, resource-limit, timeout, or closed. */
  signal(to: PeerAddress, blob: Uint8Array): Promise<void>;
}

export interface DirectoryConnectionOptions {
  readonly socket: DirectorySocket;
  /** As whom to join; the directory is one that is trusted. */
  readonly joiner: (challenge: Challenge) => Promise<Joiner>;
  readonly authorities: readonly RelayId[];
  readonly clock: Clock;
  readonly random: Random;
  /** Told once when the transport stands and the challenge is being answered. */
  readonly authenticating: () => void;
  readonly consensus: (message: ConsensusMessage) => void;
  readonly signalled: (signal: IncomingSignal) => void;
}

/** Milliseconds to connect and join, and for each answer later. */
const JOIN_DEADLINE = 15_000;
const ANSWER_DEADLINE = 10_000;

/**
 * Joins over a fresh socket.
 * @returns the connection and `lost`, which resolves with the reason once the connection is gone.
 * @throws why it could not be joined; the socket is closed then.
 */
export async function openConnection(
  options: DirectoryConnectionOptions,
): Promise<{ connection: DirectoryConnection; lost: Promise<TaborError> }> {
  const { socket, clock } = options;
  const lost = whenLost(options);
  const failed = lost.then((reason) => Promise.reject(reason));
  try {
    const joined = Promise.race([join(options), failed]);
    const address = await within(joined, {
      clock,
      ms: JOIN_DEADLINE,
      where: "directory",
      what: "the directory's welcome",
    });
    return { connection: connectionOver(socket, clock, address), lost };
  } catch (error) {
    socket.disconnect();
    throw toTaborError(error, "directory", "joining the directory");
  }
}

async function join(options: DirectoryConnectionOptions): Promise<PeerAddress> {
  const { socket, joiner } = options;
  const challenge = new Promise((resolve) => socket.once("challenge", resolve));
  socket.connect();
  const checked = parsePayload(challengeSchema, "challenge", await challenge);
  requireTrusted(checked, options.authorities);
  options.authenticating();
  const connectionId = socket.id ?? "";
  const handshake = await answerChallenge(checked, await joiner(checked), {
    ...options,
    connectionId,
  });
  // Subscribed before the answer: the first consensus follows right behind it.
  receive(options);
  const answer: unknown = await socket.emitWithAck("join", handshake.request);
  return handshake.complete(parsePayload(joinAnswerSchema, "answer to join", answer));
}

/** What is malformed costs the directory the connection: it is broken, or not a directory. */
function receive({ socket, consensus, signalled }: DirectoryConnectionOptions): void {
  const guarded =
    (handle: (payload: unknown) => void) =>
    (payload: unknown): void => {
      try {
        handle(payload);
      } catch {
        socket.disconnect();
      }
    };
  socket.on(
    "consensus",
    guarded((payload) => {
      consensus({ kind: "whole", bytes: parsePayload(consensusSchema, "consensus", payload) });
    }),
  );
  socket.on(
    "consensus-diff",
    guarded((payload) => {
      consensus({ kind: "difference", bytes: parsePayload(consensusSchema, "consensus-diff", payload) });
    }),
  );
  socket.on(
    "signal",
    guarded((payload) => {
      signalled(parsePayload(incomingSignalSchema, "signal", payload));
    }),
  );
}

function whenLost({ socket }: DirectoryConnectionOptions): Promise<TaborError> {
  return new Promise((resolve) => {
    socket.once("disconnect", (reason) => {
      resolve(new TaborError("closed", "directory", `the connection to the directory ended: ${reason}`));
    });
    socket.once("connect_error", (cause) => {
      resolve(new TaborError("unreachable", "directory", "the directory cannot be reached", { cause }));
    });
  });
}

function connectionOver(socket: DirectorySocket, clock: Clock, address: PeerAddress): DirectoryConnection {
  const raw = async (request: () => Promise<unknown>, what: string): Promise<unknown> => {
    // Socket.IO would keep it for a connection that will never be.
    if (!socket.connected) throw new TaborError("closed", "directory", "not connected to the directory");
    try {
      return await within(request(), { clock, ms: ANSWER_DEADLINE, where: "directory", what });
    } catch (error) {
      throw toTaborError(error, "directory", what);
    }
  };
  const ask = async (request: () => Promise<Answer>, what: string): Promise<void> => {
    const answer = parsePayload(answerSchema, what, await raw(request, what));
    if (!answer.ok) throw refusal(answer.error);
  };
  return {
    address,
    have: (digest) => ask(() => socket.emitWithAck("have", digest), "answer to have"),
    draw: async (request) => {
      const what = "answer to draw";
      const answer = parsePayload(
        drawAnswerSchema,
        what,
        await raw(() => socket.emitWithAck("draw", request), what),
      );
      if (!answer.ok) throw refusal(answer.error);
      return answer.signatures;
    },
    publish: (descriptor) => ask(() => socket.emitWithAck("publish", descriptor), "answer to publish"),
    signal: (to, blob) => ask(() => socket.emitWithAck("signal", { to, blob }), "answer to signal"),
  };
}
