/** What a stranger, and a liar among authorities, can make of the requests between servers. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { bytesToBase64Url, type SigningKey, silentLog } from "@tabor/onion-core";
import { VirtualClock } from "@tabor/onion-core/testing";
import { CONSENSUS_PATH } from "@tabor/signal-protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freshKey } from "../testing/memory-peer.ts";
import { authorityListener } from "./authority-listener.ts";
import { encodeDigests } from "./descriptor-lists.ts";
import { HttpPeers } from "./http-peers.ts";
import { DESCRIPTORS_PATH, MAX_MESSAGE_LENGTH, MESSAGE_PATH } from "./paths.ts";
import { sealRequest } from "./request-seal.ts";
import { requestsOfTwoPeriods } from "./sender-limits.ts";

const PERIOD = 10_000;
let own: SigningKey;
let other: SigningKey;
let clock: VirtualClock;
let url: string;
let close: () => void;
const received: string[] = [];

beforeEach(async () => {
  [own, other] = await Promise.all([freshKey(), freshKey()]);
  clock = new VirtualClock();
  received.length = 0;
  const answer = authorityListener({
    ...{ own: own.id, others: [other.id], periodMs: PERIOD, clock, log: silentLog },
    receive: (message) => {
      received.push(Buffer.from(message).toString());
      return Promise.resolve();
    },
    descriptors: (digests) => digests.map((digest) => digest.subarray(0, 3)),
    consensus: () => Uint8Array.of(7, 7),
  });
  const server = createServer((request, response) => {
    if (!answer(request, response)) response.writeHead(418).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  close = () => {
    server.closeAllConnections();
    server.close();
  };
});

afterEach(() => {
  close();
});

interface Told {
  readonly key?: SigningKey;
  readonly sealedFor?: string;
  readonly receiver?: SigningKey;
  readonly time?: number;
  readonly sealed?: string;
}

async function tell(text: string, told: Told = {}): Promise<number> {
  const { key = other, sealedFor = MESSAGE_PATH, receiver = own, time = clock.now(), sealed = text } = told;
  const bodyDigest = createHash("sha256").update(sealed).digest();
  const seal = { request: `POST ${sealedFor}`, receiver: receiver.id, time, bodyDigest };
  return post(text, await sealRequest(seal, key));
}

async function post(body: BodyInit, seal: string): Promise<number> {
  const response = await fetch(new URL(MESSAGE_PATH, url), {
    ...{ method: "POST", body, headers: { Authorization: seal } },
  });
  return response.status;
}

const peers = (key: SigningKey) =>
  new HttpPeers({
    ...{ key, servers: [{ authority: own.id, url }], deadline: 5000, fetch, clock, log: silentLog },
  });

describe("another authority", () => {
  it("is heard, and has what it asks for", async () => {
    expect(await tell("a vote")).toBe(200);
    expect(received).toEqual(["a vote"]);
    const digests = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    expect(await peers(other).descriptors(own.id, digests)).toEqual(digests.map((d) => d.slice(0, 3)));
    expect(await peers(other).consensus(own.id)).toEqual(Uint8Array.of(7, 7));
  });

  it("asks so much in a period, and no more", async () => {
    const most = requestsOfTwoPeriods(2);
    const statuses: number[] = [];
    for (let i = 0; i <= most; i++) statuses.push(await tell(`message ${String(i)}`));
    expect(statuses.slice(0, -1).every((status) => status === 200)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
    await clock.advance(PERIOD);
    expect(await tell("in the next")).toBe(200);
  });

  it.each([
    ["what was sealed for another path", { sealedFor: DESCRIPTORS_PATH }, 401],
    ["another body than was sealed", { sealed: "something else" }, 401],
    ["a seal of an hour ago", { time: 0 }, 401],
  ])("is refused %s", async (_what, told, status) => {
    expect(await tell("x", told)).toBe(status);
    expect(received).toEqual([]);
  });

  it("is refused what was sealed for another receiver", async () => {
    expect(await tell("x", { receiver: await freshKey() })).toBe(401);
  });

  it("that says nothing true about its body's length is refused", async () => {
    const bodyDigest = createHash("sha256").update("x").digest();
    const seal = { request: `POST ${MESSAGE_PATH}`, receiver: own.id, time: clock.now(), bodyDigest };
    const headers = { Authorization: await sealRequest(seal, other), "Transfer-Encoding": "chunked" };
    const chunked = httpRequest(new URL(MESSAGE_PATH, url), { method: "POST", headers });
    chunked.on("error", () => undefined);
    chunked.end("x");
    const [response] = (await once(chunked, "response")) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(400);
    expect(received).toEqual([]);
  });

  it("may not announce more than a message has", async () => {
    const bodyDigest = new Uint8Array(32);
    const seal = { request: `POST ${MESSAGE_PATH}`, receiver: own.id, time: clock.now(), bodyDigest };
    const headers = {
      Authorization: await sealRequest(seal, other),
      "Content-Length": String(MAX_MESSAGE_LENGTH + 1),
    };
    const long = httpRequest(new URL(MESSAGE_PATH, url), { method: "POST", headers });
    long.on("error", () => undefined);
    long.flushHeaders();
    const [response] = (await once(long, "response")) as [{ statusCode: number; resume(): void }];
    response.resume();
    long.destroy();
    expect(response.statusCode).toBe(429);
  });
});

describe("a stranger", () => {
  it("is not read, and cannot spend what an authority may send by repeating it", async () => {
    expect(await tell("x", { key: await freshKey() })).toBe(401);
    const bodyDigest = createHash("sha256").update("once").digest();
    const seal = await sealRequest(
      { request: `POST ${MESSAGE_PATH}`, receiver: own.id, time: clock.now(), bodyDigest },
      other,
    );
    const statuses = [];
    for (let i = 0; i < 50; i++) statuses.push(await post("once", seal));
    expect(statuses).toEqual([200, ...Array<number>(49).fill(429)]);
    expect(await tell("another")).toBe(200);
    expect(received).toEqual(["once", "another"]);
  });

  it.each([
    "",
    "Tabor",
    "Tabor ",
    "Tabor %",
    "Basic eDp5",
    `Tabor ${"A".repeat(183)}`,
    `Tabor ${"A".repeat(2000)}`,
  ])("with the seal %j is refused", async (seal) => {
    expect(await post("x", seal)).toBeGreaterThanOrEqual(400);
    expect(received).toEqual([]);
  });

  it("is let through to what is anybody's", async () => {
    expect((await fetch(new URL(CONSENSUS_PATH, url))).status).toBe(418);
    expect((await fetch(new URL("/tabor/other", url))).status).toBe(418);
  });
});

it("lists of digests have one form", () => {
  expect(bytesToBase64Url(encodeDigests([new Uint8Array(32)]))).toBe(`AAAAAQ${"A".repeat(42)}`);
});
