import type { OutgoingHttpHeaders } from "node:http";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import type { Exchange } from "../network/host.ts";

/** Ways to answer that sites share. */

export interface ReplyOptions {
  readonly status?: number;
  readonly headers?: OutgoingHttpHeaders;
}

export function html(exchange: Exchange, text: string, options: ReplyOptions = {}): void {
  send(exchange, "text/html; charset=utf-8", text, options);
}

/** A whole page; `head` comes after the title. */
export function page(title: string, body: string, head = ""): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>${head}</head><body>${body}</body></html>`;
}

/** Compresses text as the client accepts it, best first. */
export function send(
  { response, visit }: Exchange,
  type: string,
  body: string | Buffer,
  { status = 200, headers = {} }: ReplyOptions = {},
): void {
  const bytes = Buffer.from(body);
  const [encoding, encoded] = isText(type)
    ? compressed(bytes, visit.headers["accept-encoding"] ?? "")
    : ["", bytes];
  response.writeHead(status, {
    "content-type": type,
    "content-length": encoded.length,
    ...(encoding === "" ? {} : { "content-encoding": encoding, vary: "accept-encoding" }),
    ...headers,
  });
  response.end(visit.method === "HEAD" ? undefined : encoded);
}

function isText(type: string): boolean {
  return /^text\/|json|javascript|svg/.test(type);
}

/** What is compressed for each answer anew must not take long. */
const AS_SERVERS_DO = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

function compressed(bytes: Buffer, accepted: string): readonly [string, Buffer] {
  if (/\bbr\b/.test(accepted)) return ["br", brotliCompressSync(bytes, AS_SERVERS_DO)];
  if (accepted.includes("gzip")) return ["gzip", gzipSync(bytes)];
  if (accepted.includes("deflate")) return ["deflate", deflateSync(bytes)];
  return ["", bytes];
}

export function redirect({ response }: Exchange, location: string, options: ReplyOptions = {}): void {
  response.writeHead(options.status ?? 303, { location, "content-length": 0, ...options.headers }).end();
}

export function notFound(exchange: Exchange): void {
  html(exchange, page("Not found", "<h1>Not found</h1><p>There is no such page.</p>"), { status: 404 });
}

/** One range of a body, or all of it (RFC 9110 §14). */
export function sendRanged(
  { response, visit }: Exchange,
  body: {
    readonly type: string;
    readonly length: number;
    readonly slice: (from: number, to: number) => Buffer;
  },
  { headers = {} }: ReplyOptions = {},
): void {
  const asked = /^bytes=(\d*)-(\d*)$/.exec(visit.headers["range"] ?? "");
  const fresh = visit.headers["if-range"] === undefined || visit.headers["if-range"] === headers.etag;
  const always = { "content-type": body.type, "accept-ranges": "bytes", ...headers };
  const span = asked === null || !fresh ? undefined : spanOf(asked, body.length);
  if (span === "unsatisfiable") {
    response.writeHead(416, { "content-range": `bytes */${body.length}`, "content-length": 0 }).end();
    return;
  }
  const [from, to] = span ?? [0, body.length];
  response.writeHead(span === undefined ? 200 : 206, {
    ...always,
    "content-length": to - from,
    ...(span === undefined ? {} : { "content-range": `bytes ${from}-${to - 1}/${body.length}` }),
  });
  if (visit.method === "HEAD") response.end();
  else writeInPieces(response, body.slice, [from, to]);
}

function spanOf(
  [, first = "", last = ""]: RegExpExecArray,
  length: number,
): readonly [number, number] | "unsatisfiable" {
  const from = first === "" ? Math.max(0, length - Number(last)) : Number(first);
  const to = first === "" || last === "" ? length : Math.min(length, Number(last) + 1);
  return from < to ? [from, to] : "unsatisfiable";
}

const PIECE = 64 * 1024;

function writeInPieces(
  response: Exchange["response"],
  slice: (from: number, to: number) => Buffer,
  [from, to]: readonly [number, number],
): void {
  let at = from;
  const more = (): void => {
    while (at < to) {
      const piece = slice(at, Math.min(to, at + PIECE));
      at += piece.length;
      if (response.destroyed) return;
      if (!response.write(piece)) return void response.once("drain", more);
    }
    response.end();
  };
  more();
}
