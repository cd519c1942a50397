import { TaborError } from "@tabor/onion-core";
import { SeededRandom } from "@tabor/onion-core/testing";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { connect, type AddressInfo, type Socket } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import type { OnionDuplex, StreamOpener } from "../api.ts";
import { SiteFetcher } from "./site-fetcher.ts";
import { asking, response, textOf } from "./testing/browse.ts";
import { bytesOf } from "./testing/memory-web.ts";

const wasm = createRequire(import.meta.url).resolve("brotli-dec-wasm/web/bg.wasm");
const TEXT = "onions have layers. ".repeat(10_000);
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Node's own HTTP server, over TCP, and time that does not pass. */
async function serve(listener: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const opened = { count: 0 };
  const opener: StreamOpener = {
    exitKind: () => Promise.resolve("stream"),
    open: async (target, { early }) => {
      opened.count += 1;
      const socket = connect(target.port, target.host);
      await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
      const stream = socketDuplex(socket);
      if (early !== undefined) await stream.write(early);
      return stream;
    },
  };
  const fetcher = new SiteFetcher({
    opener,
    tls: { connect: () => Promise.reject(new TaborError("protocol", "site", "no TLS here")) },
    clock: { now: () => 1e12, monotonic: () => 0, after: () => () => undefined, soon: setImmediate },
    random: new SeededRandom(1),
    brotliWasm: () => Promise.resolve(readFileSync(wasm)),
  });
  const fetch = async (path: string, more: Parameters<typeof asking>[1] = {}) =>
    response(
      await fetcher.fetch(
        asking(`http://127.0.0.1:${String(port)}${path}`, { insecureAllowed: true, ...more }),
      ),
    );
  return { fetch, opened };
}

function socketDuplex(socket: Socket): OnionDuplex {
  const pieces = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const broken = (thrown: unknown) => new TaborError("reset", "site", "reset", { cause: thrown });
  socket.on("error", () => undefined);
  return {
    circuit: { id: 1, state: { name: "open" }, hops: [], isolation: "x", streams: 1 },
    read: async () => {
      try {
        const next = await pieces.next();
        return next.done === true ? null : new Uint8Array(next.value);
      } catch (thrown) {
        throw broken(thrown);
      }
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => {
          if (error) reject(broken(error));
          else resolve();
        });
      }),
    end: () => void socket.end(),
    abort: () => void socket.destroy(),
  };
}

describe("Node's own server", () => {
  test("answers in chunks, with a length, compressed or not, on one connection", async () => {
    const { fetch, opened } = await serve((request, answer) => {
      const [, how] = (request.url ?? "").split("/");
      if (how === "chunks") {
        answer.write(TEXT.slice(0, 1000));
        answer.end(TEXT.slice(1000));
      } else if (how === "gzip") {
        answer.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(TEXT));
      } else if (how === "br") {
        answer.writeHead(200, { "content-encoding": "br" }).end(brotliCompressSync(TEXT));
      } else {
        answer.writeHead(200, { "content-length": TEXT.length }).end(TEXT);
      }
    });
    for (const how of ["chunks", "gzip", "br", "length"])
      expect(await textOf(await fetch(`/${how}`))).toBe(TEXT);
    expect(opened.count).toBe(1);
  });

  test("reads what is sent to it, whole and in chunks", async () => {
    const { fetch } = await serve((request, answer) => {
      let length = 0;
      request.on("data", (piece: Buffer) => (length += piece.length));
      request.on("end", () => answer.end(`${request.method ?? ""} ${String(length)}`));
    });
    const post = { use: "form", method: "POST" } as const;
    expect(await textOf(await fetch("/", { ...post, body: new Uint8Array(300_000) }))).toBe("POST 300000");
    const bytes = (async function* () {
      for (let i = 0; i < 50; i++) {
        await Promise.resolve();
        yield new Uint8Array(5000);
      }
    })();
    expect(await textOf(await fetch("/", { ...post, body: { length: undefined, bytes } }))).toBe(
      "POST 250000",
    );
  });

  test("answers HEAD, 204 and 304 without a body, and closes when it wants to", async () => {
    const { fetch, opened } = await serve((request, answer) => {
      if (request.url === "/close") answer.setHeader("connection", "close");
      answer.writeHead(request.url === "/204" ? 204 : 200).end(request.url === "/204" ? undefined : "hello");
    });
    expect(await textOf(await fetch("/", { method: "HEAD" }))).toBe("");
    expect(await textOf(await fetch("/204"))).toBe("");
    expect(await textOf(await fetch("/close"))).toBe("hello");
    expect(opened.count).toBe(1);
    expect(await textOf(await fetch("/"))).toBe("hello");
    expect(opened.count).toBe(2);
  });

  test("is cut off in the middle of a file, which is taken up where it was", async () => {
    let cuts = 3;
    const file = Buffer.from(bytesOf(TEXT));
    const { fetch, opened } = await serve((request, answer) => {
      const first = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const isPart = first > 0 && request.headers["if-range"] === '"v1"';
      answer.writeHead(isPart ? 206 : 200, {
        etag: '"v1"',
        "content-length": file.length - first,
        ...(isPart
          ? { "content-range": `bytes ${String(first)}-${String(file.length - 1)}/${String(file.length)}` }
          : {}),
      });
      if (cuts-- <= 0) answer.end(file.subarray(first));
      else answer.write(file.subarray(first, first + 50_000), () => answer.socket?.end());
    });
    expect(await textOf(await fetch("/file"))).toBe(TEXT);
    expect(opened.count).toBe(4);
  });
});
