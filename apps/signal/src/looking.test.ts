/** What a host of an ad-hoc network makes of others that serve, or say so (SPEC §9.8). */
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { type RelayId, type SigningKey, silentLog } from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import { HostTrust, type KnownHost, lookAround, parseHostAddress } from "@tabor/rtc-link/adhoc";
import { afterEach, expect, it } from "vitest";
import { startSignalServer } from "./server.ts";
import { freshKey } from "./testing/memory-peer.ts";
import { emptyRegister } from "./testing/memory-register.ts";

const shared = { clock: systemClock, random: systemRandom, log: silentLog };
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function serve(authority: SigningKey, hosts?: readonly KnownHost[]): Promise<KnownHost> {
  const server = await startSignalServer({
    ...{ ...shared, host: "127.0.0.1", port: 0, authority, webFolder: undefined, site: "tabor.localhost" },
    ...{
      others: [],
      roundMs: 2000,
      fetch,
      iceServers: [],
      admission: "open",
      hosts,
      register: emptyRegister,
      allowedOrigins: new Set<string>(),
    },
  });
  closers.push(() => server.close());
  return { address: parseHostAddress(`127.0.0.1:${server.port}`) };
}

/** Says in `tabor.json` whatever it is told to, and answers nothing else. */
async function pretend(authorities: readonly RelayId[]): Promise<KnownHost> {
  const server = createServer((request, response) => {
    if (request.url === "/tabor.json")
      response.end(JSON.stringify({ authorities, servers: [], iceServers: [] }));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return { address: parseHostAddress(`127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

function look(trust: HostTrust, own?: KnownHost) {
  return lookAround({ ...shared, trust, own: own?.address, fetch }, new AbortController().signal);
}

it("finds those that serve, and pins them", async () => {
  const keys = await Promise.all([freshKey(), freshKey()]);
  const hosts = await Promise.all(keys.map((key) => serve(key)));
  const away = { address: parseHostAddress("127.0.0.1:1") };
  const trust = new HostTrust([...hosts, away]);
  const found = hosts.map(({ address }, i) => ({ address, authority: keys[i]?.id }));
  expect(await look(trust)).toEqual(found);
  expect(hosts.map(({ address }) => trust.authorityOf(address))).toEqual(keys.map(({ id }) => id));
});

it("does not ask itself", async () => {
  const own = await serve(await freshKey());
  expect(await look(new HostTrust([own]), own)).toEqual([]);
});

it("passes over a host that shows another authority than the one that is named or pinned", async () => {
  const host = await serve(await freshKey());
  const { id } = await freshKey();
  expect(await look(new HostTrust([{ ...host, authority: id }]))).toEqual([]);
  const pinned = new HostTrust([host], new Map([[host.address, id]]));
  expect(await look(pinned)).toEqual([]);
  expect(pinned.authorityOf(host.address)).toBe(id);
});

it("passes over who only says to have an authority, and pins nothing", async () => {
  const { id } = await freshKey();
  const liar = await pretend([id]);
  for (const host of [liar, { ...liar, authority: id }])
    expect(await look(new HostTrust([host]))).toEqual([]);
  const trust = new HostTrust([liar]);
  await look(trust);
  expect(trust.authorityOf(liar.address)).toBeUndefined();
});

it("passes over a network of several authorities: that is none of these", async () => {
  const keys = await Promise.all([freshKey(), freshKey()]);
  expect(await look(new HostTrust([await pretend(keys.map(({ id }) => id))]))).toEqual([]);
});

it("lets the app that one host serves ask and join the others", async () => {
  const other = { address: parseHostAddress("127.0.0.1:1") };
  const { address } = await serve(await freshKey(), [other]);
  const { headers: ofApp } = await fetch(`http://${address}/`, { redirect: "manual" });
  expect(ofApp.get("content-security-policy")).toContain("http://127.0.0.1:1 ws://127.0.0.1:1");
  const origin = "http://app.tabor.localhost:1";
  const { headers } = await fetch(`http://${address}/tabor.json`, { headers: { origin } });
  expect(headers.get("access-control-allow-origin")).toBe(origin);
});

/** What a server tells who opens a WebSocket: after how many milliseconds a silent one is given up, on either side. */
function patience({ address }: KnownHost): Promise<number> {
  const headers = {
    ...{ Connection: "Upgrade", Upgrade: "websocket" },
    ...{ "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==" },
  };
  return new Promise((resolve, reject) => {
    const asked = get(`http://${address}/socket.io/?EIO=4&transport=websocket`, { headers });
    asked.on("error", reject);
    asked.on("upgrade", (_response, socket, head) => {
      let text = head.toString("latin1");
      const look = (): void => {
        const found = /"pingInterval":(\d+),"pingTimeout":(\d+)/.exec(text);
        if (found === null) return;
        socket.destroy();
        resolve(Number(found[1]) + Number(found[2]));
      };
      socket.on("data", (bytes: Buffer) => {
        text += bytes.toString("latin1");
        look();
      });
      look();
    });
  });
}

it("misses a host that vanished within 12 seconds where another has to serve then, else within 30", async () => {
  const [usual, adhoc] = await Promise.all([
    serve(await freshKey()),
    serve(await freshKey(), [{ address: parseHostAddress("127.0.0.1:1") }]),
  ]);
  expect(await patience(usual)).toBe(30_000);
  expect(await patience(adhoc)).toBe(12_000);
});
