import { createHash } from "node:crypto";
import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import type { TlsStream } from "@tabor/browsing/api";
import { TaborError } from "@tabor/onion-core";
import { SeededRandom } from "@tabor/onion-core/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { certificate, root, type Identity } from "./testing/certificates.ts";
import { testClient, type TestClient } from "./testing/client.ts";
import { through } from "./testing/middle.ts";
import { tlsServer, type TestServer, type TlsServerOptions } from "./testing/server.ts";
import { socketDuplex } from "./testing/socket-duplex.ts";
import { WatchedDuplex } from "./testing/watched-duplex.ts";

let trusted: Identity;
let site: Identity;
let testing: TestClient;

beforeAll(async () => {
  trusted = await root();
  site = await certificate({ issuer: trusted, ca: false, names: ["a.example"] });
  testing = await testClient([trusted]);
});

const MIB = 1_048_576;
const VERSIONS = ["TLSv1.3", "TLSv1.2"] as const;

const serve = (
  onConnection: (socket: TLSSocket) => void,
  options: Partial<TlsServerOptions> = {},
): Promise<TestServer> => tlsServer({ chain: [site], onConnection, ...options });

async function open(server: TestServer, pieces?: number): Promise<[TlsStream, WatchedDuplex]> {
  const below = new WatchedDuplex(socketDuplex(await server.connect()), pieces);
  return [await testing.client.connect(below, { serverName: "a.example", alpn: [] }), below];
}

async function readAll(stream: TlsStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) chunks.push(bytes);
  return Buffer.concat(chunks);
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const random = (length: number): Uint8Array => new SeededRandom(7).fill(new Uint8Array(length));

describe.each(VERSIONS)("%s", (version) => {
  const only = { minVersion: version, maxVersion: version };

  test("carries much in both directions at once, byte for byte", async () => {
    await using server = await serve((socket) => socket.pipe(socket), only);
    const [stream] = await open(server);
    const sent = random(8 * MIB + 4711);
    const [received] = await Promise.all([
      readAll(stream),
      stream.write(sent).then(() => {
        stream.end();
      }),
    ]);
    expect(digest(received)).toBe(digest(sent));
  });

  test("works when bytes come one by one", async () => {
    await using server = await serve((socket) => socket.once("data", () => socket.end("page")), only);
    const [stream] = await open(server, 1);
    await stream.write(bytes("request"));
    expect((await readAll(stream)).toString()).toBe("page");
  });

  test("a site's orderly end is null, and ours goes out on its own", async () => {
    const heard: Buffer[] = [];
    await using server = await serve(
      (socket) => {
        socket.on("data", (chunk: Buffer) => heard.push(chunk));
        socket.once("data", () => socket.end("page"));
      },
      { ...only, allowHalfOpen: true },
    );
    const [stream, below] = await open(server);
    await stream.write(bytes("request"));
    expect((await readAll(stream)).toString()).toBe("page");
    expect(await stream.read()).toBeNull();
    stream.end();
    stream.end();
    await expect(stream.write(bytes("more"))).rejects.toMatchObject({ code: "usage" });
    expect(below.aborted).toBeUndefined();
    expect(Buffer.concat(heard).toString()).toBe("request");
  });

  test("an end that the site did not say is no end", async () => {
    await using server = await serve(
      (socket) => socket.once("data", () => socket.write("half a page")),
      only,
    );
    let requested = false;
    // Passes on the half page, and then the end of the connection, as if it were the site's.
    await using middle = await through(server, (fromServer, socket) => {
      if (requested) setImmediate(() => socket.end());
      return fromServer;
    });
    const [stream, below] = await open(middle);
    requested = true;
    await stream.write(bytes("request"));
    const failure = await readAll(stream).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: "closed", where: "site", message: /something may be missing/ });
    await expect(stream.read()).rejects.toBe(failure);
    await expect(stream.write(bytes("more"))).rejects.toBe(failure);
    expect(below.aborted).toBe(failure);
  });

  test("what was altered is refused, and the site is told", async () => {
    const told: unknown[] = [];
    await using server = await serve((socket) => {
      socket.on("error", (error: NodeJS.ErrnoException) => told.push(error.code));
      socket.once("data", () => socket.write("page"));
    }, only);
    let altering = false;
    await using middle = await through(server, (fromServer) => {
      if (altering) fromServer[fromServer.length - 1] = (fromServer.at(-1) ?? 0) ^ 1;
      return fromServer;
    });
    const [stream] = await open(middle);
    altering = true;
    await stream.write(bytes("request"));
    await expect(readAll(stream)).rejects.toMatchObject({ code: "not-authentic", where: "site" });
    stream.abort(new TaborError("closed", "here", "what whoever reads it does next"));
    await expect.poll(() => told).toEqual(["ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC"]);
  });
});

test("whoever does not read stops the site", async () => {
  await using server = await serve((socket) => {
    const more = (): void => {
      while (socket.write(new Uint8Array(MIB)));
    };
    socket.on("drain", more);
    socket.once("data", more);
  });
  const [stream, below] = await open(server);
  await stream.write(bytes("request"));
  let read = 0;
  for (let count = 0; count < 20; count++) {
    const before = below.taken;
    read += (await stream.read())?.length ?? 0;
    // One read of the socket's, and what one record may add.
    expect(below.taken - before).toBeLessThanOrEqual(65_536 + 17_000);
  }
  const taken = below.taken;
  await new Promise(setImmediate);
  expect(below.taken).toBe(taken);
  expect(taken - read).toBeLessThan(3 * 65_536);
  stream.abort(new TaborError("closed", "here", "enough"));
});

test("whoever writes waits for the stream below", async () => {
  await using server = await serve((socket) => socket.resume());
  const [stream, below] = await open(server);
  const unblock = below.block();
  const before = below.written;
  const writing = stream.write(new Uint8Array(10 * MIB));
  await new Promise(setImmediate);
  expect(below.written - before).toBeGreaterThan(0);
  expect(below.written - before).toBeLessThanOrEqual(65_536);
  unblock();
  await writing;
  expect(below.written - before).toBeGreaterThan(10 * MIB);
  stream.abort(new TaborError("closed", "here", "enough"));
});

test("writes keep their order, and the end comes after them", async () => {
  await using server = await serve((socket) => socket.pipe(socket));
  const [stream] = await open(server);
  const words = Array.from({ length: 50 }, (_, index) => `${index} `.repeat(1000));
  const writing = Promise.all(words.map((word) => stream.write(bytes(word))));
  stream.end();
  expect((await readAll(stream)).toString()).toBe(words.join(""));
  await writing;
});

describe("abort", () => {
  test("in the middle: both directions throw its error, and the site notices", async () => {
    const sockets: TLSSocket[] = [];
    await using server = await serve((socket) => sockets.push(socket));
    const [stream, below] = await open(server);
    const unblock = below.block();
    const reading = stream.read();
    const writing = stream.write(new Uint8Array(MIB));
    const error = new TaborError("aborted", "here", "the tab was closed");
    stream.abort(error);
    const outcomes = Promise.allSettled([reading, writing]);
    unblock();
    expect(await outcomes).toEqual([
      { status: "rejected", reason: error },
      { status: "rejected", reason: error },
    ]);
    await expect(stream.read()).rejects.toBe(error);
    stream.end();
    stream.abort(error);
    expect(below.aborted).toBe(error);
    await expect.poll(() => sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
  });

  test("of one connection leaves the others alone", async () => {
    await using server = await serve((socket) => socket.pipe(socket));
    const streams = await Promise.all(Array.from({ length: 10 }, async () => (await open(server))[0]));
    for (const stream of streams.filter((_, index) => index % 2 === 0)) {
      stream.abort(new TaborError("aborted", "here", "one of them"));
    }
    for (const stream of streams.filter((_, index) => index % 2 === 1)) {
      await stream.write(bytes("still here"));
      expect(Buffer.from((await stream.read()) ?? []).toString()).toBe("still here");
      stream.end();
      expect(await stream.read()).toBeNull();
    }
  });
});

test("a site that goes away is an error of the stream below", async () => {
  await using server = await serve((socket) => socket.once("data", () => socket.write("page")));
  let requested = false;
  await using middle = await through(server, (fromServer, socket) => {
    if (requested) socket.resetAndDestroy();
    return fromServer;
  });
  const [stream] = await open(middle);
  requested = true;
  await stream.write(bytes("request"));
  await expect(readAll(stream)).rejects.toMatchObject({ code: "reset", where: "site" });
});

test("the stream below ends when both directions have", async () => {
  await using server = await serve((socket) => socket.pipe(socket));
  const socket = await server.connect();
  const stream = await testing.client.connect(socketDuplex(socket), { serverName: "a.example", alpn: [] });
  stream.end();
  expect(await stream.read()).toBeNull();
  await once(socket, "close");
  await expect.poll(() => testing.clock.waiting).toBe(0);
});
