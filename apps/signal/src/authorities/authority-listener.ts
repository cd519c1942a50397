import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type Clock,
  concat,
  type ErrorCode,
  type Log,
  type RelayId,
  TaborError,
  toTaborError,
} from "@tabor/onion-core";
import { CONSENSUS_PATH } from "@tabor/signal-protocol";
import type { DocumentListener } from "../web/static-site.ts";
import { decodeDigests, encodeDescriptors } from "./descriptor-lists.ts";
import { DESCRIPTORS_PATH, MAX_MESSAGE_LENGTH, MESSAGE_PATH } from "./paths.ts";
import { openSeal } from "./request-seal.ts";
import { requestsOfTwoPeriods, SenderLimits } from "./sender-limits.ts";

export interface AuthorityListenerOptions {
  /** This server's authority, and all the others. */
  readonly own: RelayId;
  readonly others: readonly RelayId[];
  readonly periodMs: number;
  /** What another authority sends. @throws malformed. */
  readonly receive: (message: Uint8Array) => Promise<void>;
  readonly descriptors: (digests: readonly Uint8Array[]) => readonly Uint8Array[];
  readonly consensus: () => Uint8Array | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Bytes of bodies that are being read at a time. */
const MAX_READING = 4 * MAX_MESSAGE_LENGTH;

type Answer = (body: Uint8Array) => Promise<Uint8Array | undefined> | Uint8Array | undefined;

/**
 * What servers of one network ask each other (SPEC §8.6).
 * @returns whether a request was one of these, and is answered.
 */
export function authorityListener(options: AuthorityListenerOptions): DocumentListener {
  const { others, periodMs, clock, log } = options;
  const limits = new SenderLimits(clock, periodMs, requestsOfTwoPeriods(others.length + 1));
  const answers = answersOf(options);
  const context = { ...options, limits, reading: { bytes: 0 } };
  return (request, response) => {
    const { method = "", url = "", headers } = request;
    const answer = answers.get(`${method} ${url}`);
    // Without a seal, the consensus is anybody's.
    if (answer === undefined || (method === "GET" && headers.authorization === undefined)) return false;
    exchange(request, response, { ...context, answer }).catch((thrown: unknown) => {
      const { code } = toTaborError(thrown, "directory", "answering an authority");
      log.debug("a request of an authority was refused", { code });
      refuse(response, code);
    });
    return true;
  };
}

function answersOf({
  receive,
  descriptors,
  consensus,
}: AuthorityListenerOptions): ReadonlyMap<string, Answer> {
  const heard: Answer = async (body) => {
    await receive(body);
    return new Uint8Array(0);
  };
  return new Map<string, Answer>([
    [`POST ${MESSAGE_PATH}`, heard],
    [`POST ${DESCRIPTORS_PATH}`, (body) => encodeDescriptors(descriptors(decodeDigests(body)))],
    [`GET ${CONSENSUS_PATH}`, consensus],
  ]);
}

interface Exchange extends AuthorityListenerOptions {
  readonly answer: Answer;
  readonly limits: SenderLimits;
  readonly reading: { bytes: number };
}

async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  { answer, own, others, clock, limits, reading }: Exchange,
): Promise<void> {
  const { method = "", url = "", headers } = request;
  const { sender, bodyDigest } = await openSeal(headers.authorization, {
    ...{ request: `${method} ${url}`, receiver: own, now: clock.now(), senders: others },
  });
  if (!limits.allow(sender, headers.authorization ?? "")) {
    throw new TaborError("resource-limit", "directory", "too many requests of one authority");
  }
  const body = await readBody(request, reading);
  if (!createHash("sha256").update(body).digest().equals(bodyDigest)) {
    throw new TaborError("not-authentic", "directory", "another body than was sealed");
  }
  const answered = await answer(body);
  const status = answered === undefined ? 404 : 200;
  response.writeHead(status, { "Content-Type": "application/octet-stream", "Cache-Control": "no-store" });
  response.end(answered);
}

/** As long as it says, which is looked at before anything is kept. */
async function readBody(request: IncomingMessage, reading: { bytes: number }): Promise<Uint8Array> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (!Number.isSafeInteger(length) || length > MAX_MESSAGE_LENGTH || reading.bytes + length > MAX_READING) {
    throw new TaborError("resource-limit", "directory", "a request that is too long");
  }
  reading.bytes += length;
  try {
    const parts: Uint8Array[] = [];
    let read = 0;
    for await (const part of request as AsyncIterable<Uint8Array>) {
      read += part.length;
      // Only a chunked body, which says no length, can be longer.
      if (read > length) throw new TaborError("malformed", "directory", "a request that says no length");
      parts.push(part);
    }
    return concat(...parts);
  } finally {
    reading.bytes -= length;
  }
}

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  "not-authentic": 401,
  expired: 401,
  "resource-limit": 429,
};

/** The connection ends with it: what is left of the body is not read. */
function refuse(response: ServerResponse, code: ErrorCode): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(STATUS[code] ?? 400, {
    Connection: "close",
    "Content-Type": "text/plain; charset=utf-8",
  });
  response.end(`${code}\n`);
}
