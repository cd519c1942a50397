import type { Duplex } from "node:stream";
import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { html, notFound, page, redirect, send } from "../content/replies.ts";
import { paragraph, range } from "../content/text.ts";
import { type Answer, type Host, raw, web } from "../network/host.ts";

/** Hosts that do what is rare, old, slow or hostile. Each page has a `#text` that tells whether it came whole. */

export function oddSites(): Host[] {
  return [
    raw("http10.test", once(`HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n${TEXT_PAGE}`)),
    raw("chunked.test", once(chunked())),
    raw("closing.test", closing),
    raw("short.test", once(`${HEAD}Content-Length: ${TEXT_PAGE.length + 500}\r\n\r\n${TEXT_PAGE}`)),
    raw("long.test", once(`${HEAD}Content-Length: 60\r\n\r\n${TEXT_PAGE}`)),
    raw("two-lengths.test", once(`${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`)),
    raw(
      "smuggling.test",
      once(`${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`),
    ),
    raw("bad-chunk.test", once(`${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n`)),
    raw("bare-lf.test", once(`HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 3\n\nabc`)),
    raw("folded.test", once(`${HEAD}X-Long: a\r\n  b\r\nContent-Length: 3\r\n\r\nabc`)),
    raw(
      "early-hints.test",
      once(
        `HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n${HEAD}Content-Length: ${TEXT_PAGE.length}\r\n\r\n${TEXT_PAGE}`,
      ),
    ),
    raw(
      "endless-head.test",
      endless("HTTP/1.1 200 OK\r\n", (n) => `X-Header-${n}: ${"a".repeat(1000)}\r\n`),
    ),
    raw(
      "endless-line.test",
      endless("HTTP/1.1 200 OK\r\nX-Long: ", () => "a".repeat(16_384)),
    ),
    raw(
      "endless-status.test",
      endless("HTTP/1.1 200 ", () => "a".repeat(16_384)),
    ),
    raw(
      "endless-body.test",
      endless(HEAD + "\r\n<p>", () => "a".repeat(16_384)),
    ),
    raw(
      "endless-hints.test",
      endless("", () => "HTTP/1.1 100 Continue\r\n\r\n"),
    ),
    raw("not-http.test", once("SSH-2.0-OpenSSH_9.2\r\n")),
    raw("silent.test", (socket) => void socket.resume()),
    raw("hangs-up.test", (socket) => void socket.once("data", () => socket.destroy())),
    web("slow.test", answerSlow),
    web("encoded.test", answerEncoded),
    web("bomb.test", answerBomb),
    web("loop.test", answerLoop),
    web("status.test", answerStatus),
    web("plain.test", answerPlain, { plain: "only" }),
  ];
}

const TEXT_PAGE = page("Came whole", `<p id="text">It came whole.</p>`);
const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n";

/** Answers the first request with these bytes and closes. */
function once(answer: string): (socket: Duplex) => void {
  return (socket) => {
    socket.once("data", () => socket.end(answer));
  };
}

/** Small chunks with extensions, and trailers (RFC 9112 §7.1). */
function chunked(): string {
  const pieces = TEXT_PAGE.match(/[^]{1,7}/g) ?? [];
  const body = pieces
    .map((piece) => `${piece.length.toString(16).toUpperCase()};name="v;\\"1"\r\n${piece}\r\n`)
    .join("");
  return `${HEAD}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n${body}0\r\nX-Sum: 7\r\n\r\n`;
}

/** Promises to keep the connection, and closes it when the next request comes. */
function closing(socket: Duplex): void {
  let requests = 0;
  socket.on("data", () => {
    if (++requests > 1) socket.destroy();
    else
      socket.write(
        `${HEAD}Connection: keep-alive\r\nKeep-Alive: timeout=60\r\nContent-Length: ${TEXT_PAGE.length}\r\n\r\n${TEXT_PAGE}`,
      );
  });
}

function endless(start: string, more: (n: number) => string): (socket: Duplex) => void {
  return (socket) => {
    socket.once("data", () => {
      let n = 0;
      const write = (): void => {
        while (!socket.destroyed && socket.write(more(n++)));
      };
      socket.write(start);
      socket.on("drain", write);
      write();
    });
  };
}

/** `/drip/<pieces>?every=<ms>`: a page that comes a little at a time; `/wait/<ms>`: late, then at once. */
const answerSlow: Answer = async (exchange) => {
  const [, kind = "", count = ""] = exchange.url.pathname.split("/");
  if (kind === "wait") {
    await pause(Math.min(60_000, Number(count)));
    return html(exchange, TEXT_PAGE);
  }
  exchange.response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  exchange.response.write("<!doctype html><title>Slow</title><h1>Slow</h1>");
  const every = Number(exchange.url.searchParams.get("every") ?? "100");
  for (const n of range(Number(count))) {
    if (exchange.response.destroyed) return;
    exchange.response.write(`<p>${paragraph(`slow ${n}`, 2)}</p>`);
    await pause(every);
  }
  exchange.response.end(`<p id="text">It came whole.</p>`);
};

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The page in this encoding, whatever the client accepts; some lie. */
const answerEncoded: Answer = ({ url, response, ...rest }) => {
  const bytes = Buffer.from(TEXT_PAGE);
  const gzipped = gzipSync(bytes);
  const encodings: Readonly<Record<string, readonly [string, Buffer]>> = {
    gzip: ["gzip", gzipped],
    "x-gzip": ["x-gzip", gzipped],
    br: ["br", brotliCompressSync(bytes)],
    deflate: ["deflate", deflateSync(bytes)],
    "deflate-raw": ["deflate", deflateRawSync(bytes)],
    identity: ["identity", bytes],
    twice: ["gzip, br", brotliCompressSync(gzipped)],
    "two-members": ["gzip", Buffer.concat([gzipSync(bytes.subarray(0, 40)), gzipSync(bytes.subarray(40))])],
    "not-gzip": ["gzip", bytes],
    "cut-gzip": ["gzip", gzipped.subarray(0, gzipped.length - 12)],
    "wrong-sum": ["gzip", Buffer.concat([gzipped.subarray(0, gzipped.length - 8), Buffer.alloc(8)])],
    unknown: ["x-farm", bytes],
  };
  const chosen = encodings[url.pathname.slice(1)];
  if (chosen === undefined) return notFound({ url, response, ...rest });
  const [encoding, body] = chosen;
  response
    .writeHead(200, {
      "content-type": "text/html",
      "content-encoding": encoding,
      "content-length": body.length,
    })
    .end(body);
};

/** `/<MiB>`: zeros, compressed a thousandfold; the server makes them as long as somebody reads. */
const answerBomb: Answer = ({ url, response }) => {
  let left = Number(url.pathname.slice(1)) || 10_240;
  response.writeHead(200, { "content-type": "text/html", "content-encoding": "gzip" });
  const gzip = createGzip({ level: 9 });
  gzip.pipe(response);
  const zeros = Buffer.alloc(1024 * 1024, "<p>");
  const write = (): void => {
    while (left-- > 0) {
      if (response.destroyed) return void gzip.destroy();
      if (!gzip.write(zeros)) return void gzip.once("drain", write);
    }
    gzip.end();
  };
  write();
};

/** `/self`; `/pair/0`; `/count/<n>` ends after n; `/up/<n>` grows; `/to-plain`; `/nowhere`; `/scheme`. */
const answerLoop: Answer = (exchange) => {
  const [, kind = "", count = "0"] = exchange.url.pathname.split("/");
  const n = Number(count);
  switch (kind) {
    case "self":
      return redirect(exchange, "/self", { status: 302 });
    case "pair":
      return redirect(exchange, `/pair/${1 - n}`, { status: 307 });
    case "count":
      return n > 0 ? redirect(exchange, `/count/${n - 1}`, { status: 302 }) : html(exchange, TEXT_PAGE);
    case "up":
      return redirect(exchange, `/up/${n + 1}`, { status: 302 });
    case "method":
      return redirect(exchange, "/echo", { status: n });
    case "echo":
      return send(exchange, "text/plain", `${exchange.visit.method} ${exchange.visit.body.toString()}`);
    case "to-plain":
      return redirect(exchange, "http://plain.test/", { status: 302 });
    case "to-script":
      return redirect(exchange, "javascript:alert(1)", { status: 302 });
    case "to-data":
      return redirect(exchange, "data:text/html,<h1>data", { status: 302 });
    case "nowhere":
      return void exchange.response.writeHead(302, { "content-length": 0 }).end();
    default:
      return notFound(exchange);
  }
};

const answerStatus: Answer = (exchange) => {
  const status = Number(exchange.url.pathname.slice(1));
  if (!(status >= 200 && status <= 599)) return notFound(exchange);
  if (status === 204 || status === 304) return void exchange.response.writeHead(status).end();
  const challenge = status === 401 ? { "www-authenticate": 'Basic realm="farm"' } : {};
  html(exchange, page(`Status ${status}`, `<p id="text">Status ${status}</p>`), {
    status,
    headers: challenge,
  });
};

const answerPlain: Answer = (exchange) => {
  html(
    exchange,
    page(
      "Plain",
      `<p id="text">It came whole.</p><form method="post" action="/"><input name="secret"><button>Send</button></form>`,
    ),
  );
};
