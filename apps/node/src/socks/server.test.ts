import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog, TaborError, toTaborError } from "@tabor/onion-core";
import { VirtualClock } from "@tabor/onion-core/testing";
import { socketDuplex } from "../net/socket-duplex.ts";
import type { OnionClientPort } from "./onion-client-port.ts";
import { listenSocks, type SocksServer } from "./server.ts";

const run = promisify(execFile);
const body = randomBytes(3_000_000);
let site: Server;
let sitePort: number;
let proxy: SocksServer;

/** Dials directly: what is tested here is the proxy, with real programs and real sockets. */
const direct: OnionClientPort = {
  openStream: async ({ host, port }, { early }) => {
    if (host === "refused.test") throw new TaborError("refused", "site", "as the test wants");
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    try {
      await once(socket, "connect");
    } catch (thrown) {
      throw toTaborError(thrown, "site", "dialling");
    }
    if (early !== undefined) socket.write(early);
    return socketDuplex(socket, "site");
  },
  resolve: () => Promise.resolve([]),
};

beforeEach(async () => {
  site = createServer((request, response) => {
    if (request.method === "POST") request.pipe(response);
    else response.end(body);
  }).listen(0, "127.0.0.1");
  await once(site, "listening");
  sitePort = (site.address() as AddressInfo).port;
  proxy = await listenSocks({
    client: direct,
    clock: new VirtualClock(),
    log: silentLog,
    host: "127.0.0.1",
    port: 0,
  });
});

afterEach(async () => {
  site.close();
  site.closeAllConnections();
  await proxy.close();
});

async function curl(...args: readonly string[]): Promise<{ stdout: Buffer }> {
  const socks = `127.0.0.1:${String(proxy.port)}`;
  return run("curl", ["-sS", "--max-time", "15", "--socks5-hostname", socks, ...args], {
    encoding: "buffer",
    maxBuffer: 2 * body.length,
  });
}

test("curl fetches through it, with the name resolved remotely", async () => {
  const { stdout } = await curl(`http://site.test:${String(sitePort)}/`);
  expect(stdout.equals(body)).toBe(true);
});

test("curl uploads through it, with credentials", async () => {
  const { stdout } = await curl(
    "--proxy-user",
    "alice:secret",
    "--data-binary",
    "abc",
    `http://site.test:${String(sitePort)}/`,
  );
  expect(stdout.toString()).toBe("abc");
});

test("twenty at once", async () => {
  const fetched = await Promise.all(
    Array.from({ length: 20 }, () => curl(`http://site.test:${String(sitePort)}/`)),
  );
  expect(fetched.every(({ stdout }) => stdout.equals(body))).toBe(true);
});

test("curl tells a refused connection", async () => {
  // curl 7.88: exit code 97, "proxy handshake error".
  await expect(curl("http://refused.test/")).rejects.toMatchObject({ code: 97 });
});

test("a program that takes it for an HTTP proxy is told what it is", async () => {
  const { stdout } = await run("curl", [
    "-sS",
    "--max-time",
    "15",
    "-w",
    "%{http_code}",
    "-x",
    `http://127.0.0.1:${String(proxy.port)}`,
    "http://site.test/",
  ]);
  expect(stdout).toContain("This is Tabor's SOCKS port");
  expect(stdout.endsWith("501")).toBe(true);
});

test("the port is free after close, and connections are gone", async () => {
  const idle = connect(proxy.port, "127.0.0.1");
  await once(idle, "connect");
  const ended = once(idle, "close");
  await proxy.close();
  await ended;
  const again = await listenSocks({
    client: direct,
    clock: new VirtualClock(),
    log: silentLog,
    host: "127.0.0.1",
    port: proxy.port,
  });
  await again.close();
});

test("a port that is taken is an error of listen", async () => {
  const options = {
    client: direct,
    clock: new VirtualClock(),
    log: silentLog,
    host: "127.0.0.1",
    port: proxy.port,
  };
  await expect(listenSocks(options)).rejects.toMatchObject({ code: "EADDRINUSE" });
});
