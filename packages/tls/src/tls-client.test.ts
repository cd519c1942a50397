import fc from "fast-check";
import { TaborError, type Duplex } from "@tabor/onion-core";
import { memoryDuplex, SeededRandom, VirtualClock } from "@tabor/onion-core/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { outcome } from "./testing/attempt.ts";
import { certificate, derOf, NOW, root, type Identity } from "./testing/certificates.ts";
import { testClient, tlsModule } from "./testing/client.ts";
import { tlsServer } from "./testing/server.ts";
import { socketDuplex } from "./testing/socket-duplex.ts";
import { WatchedDuplex } from "./testing/watched-duplex.ts";
import { tlsClient } from "./tls-client.ts";

const OPTIONS = { serverName: "a.example", alpn: ["http/1.1"] };

let trusted: Identity;
let site: Identity;

beforeAll(async () => {
  trusted = await root();
  site = await certificate({ issuer: trusted, ca: false, names: ["a.example"] });
});

describe("a site that does not speak TLS", () => {
  async function answering(...answer: readonly Uint8Array[]): Promise<unknown> {
    const { client } = await testClient([trusted]);
    const [near, far] = memoryDuplex();
    const answered = answer.reduce((before, bytes) => before.then(() => far.write(bytes)), Promise.resolve());
    void answered.then(() => {
      far.end();
    });
    return outcome(() => client.connect(near, OPTIONS));
  }

  test("answers in HTTP", async () => {
    const page = new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    expect(await answering(page)).toMatchObject({
      code: "malformed",
      where: "site",
      message: expect.stringContaining("did not answer in TLS") as string,
    });
  });

  test("says nothing and goes", async () => {
    expect(await answering()).toMatchObject({ code: "closed", where: "site" });
  });

  test("sends anything at all", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 500 })), async (answer) => {
        expect(await answering(...answer)).toMatchObject({ name: "TaborError", where: "site" });
      }),
    );
  });

  test("sends records of anything at all", async () => {
    const record = fc
      .tuple(fc.constantFrom(20, 21, 22, 23), fc.uint8Array({ minLength: 1, maxLength: 300 }))
      .map(([type, body]) => Uint8Array.of(type, 3, 3, body.length >> 8, body.length & 255, ...body));
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1 }), async (records) => {
        expect(await answering(...records)).toMatchObject({ name: "TaborError", where: "site" });
      }),
    );
  });
});

describe("a handshake", () => {
  function withSilence(): { below: WatchedDuplex; far: Duplex } {
    const [near, far] = memoryDuplex();
    return { below: new WatchedDuplex(near), far };
  }

  test("has a deadline", async () => {
    const { client, clock } = await testClient([trusted]);
    const { below } = withSilence();
    const connecting = client.connect(below, OPTIONS);
    const failure = connecting.catch((thrown: unknown) => thrown);
    await clock.advance(29_999);
    expect(below.aborted).toBeUndefined();
    await clock.advance(1);
    expect(await failure).toMatchObject({ code: "timeout", where: "site" });
    expect(below.aborted).toBe(await failure);
    expect(clock.waiting).toBe(0);
  });

  test("can be called off, before and during", async () => {
    const { client, clock } = await testClient([trusted]);
    for (const before of [true, false]) {
      const { below } = withSilence();
      const caller = new AbortController();
      if (before) caller.abort();
      const failure = client
        .connect(below, { ...OPTIONS, signal: caller.signal })
        .catch((thrown: unknown) => thrown);
      caller.abort();
      expect(await failure).toMatchObject({ code: "aborted", where: "here" });
      expect(below.aborted).toBe(await failure);
    }
    expect(clock.waiting).toBe(0);
  });

  test("throws what the stream below throws", async () => {
    const { client } = await testClient([trusted]);
    const { below, far } = withSilence();
    const failure = client.connect(below, OPTIONS).catch((thrown: unknown) => thrown);
    await far.read();
    const error = new TaborError("closed", "relay", "the circuit ended");
    below.abort(error);
    expect(await failure).toBe(error);
  });

  test("is not begun with what is no name, and the stream is not left open", async () => {
    const { client } = await testClient([trusted]);
    for (const serverName of [
      "",
      "a b",
      "a..example",
      "[::1]",
      "é.example",
      "a.example:443",
      "-",
      "x".repeat(300),
    ]) {
      const { below } = withSilence();
      await expect(client.connect(below, { serverName, alpn: [] })).rejects.toMatchObject({ code: "usage" });
      expect(below.aborted).toMatchObject({ code: "usage" });
    }
    const { below } = withSilence();
    await expect(client.connect(below, { ...OPTIONS, alpn: [""] })).rejects.toMatchObject({ code: "usage" });
  });

  test("that fails tells the site why, and lets go of the stream", async () => {
    const told: unknown[] = [];
    await using server = await tlsServer({
      chain: [site],
      onRefusal: (error) => told.push((error as NodeJS.ErrnoException).code),
    });
    const { client, clock } = await testClient([await root()]);
    const below = new WatchedDuplex(socketDuplex(await server.connect()));
    await expect(client.connect(below, OPTIONS)).rejects.toMatchObject({ code: "not-authentic" });
    await expect.poll(() => told).toEqual(["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA"]);
    await expect.poll(() => below.aborted).toMatchObject({ code: "not-authentic" });
    expect(clock.waiting).toBe(0);
  });

  test("that fails lets go even of a site that never closes", async () => {
    const { client, clock } = await testClient([trusted]);
    const { below, far } = withSilence();
    const failure = client.connect(below, OPTIONS).catch((thrown: unknown) => thrown);
    await far.write(new TextEncoder().encode("SSH-2.0-something"));
    expect(await failure).toMatchObject({ code: "malformed" });
    expect(below.aborted).toBeUndefined();
    await clock.advance(10_000);
    expect(below.aborted).toBe(await failure);
  });
});

test("after a failure within, the next connection is made in a fresh instance", async () => {
  const good = new SeededRandom(1);
  let broken = false;
  const client = tlsClient({
    module: await tlsModule(),
    roots: [derOf(trusted)],
    clock: new VirtualClock(NOW),
    random: {
      fill: (target) => {
        if (broken) throw new Error("no randomness");
        return good.fill(target);
      },
    },
  });
  await using server = await tlsServer({ chain: [site], onConnection: (socket) => socket.pipe(socket) });
  const connect = async (): ReturnType<typeof client.connect> =>
    client.connect(socketDuplex(await server.connect()), OPTIONS);
  const bystander = await connect();
  broken = true;
  await expect(connect()).rejects.toMatchObject({ code: "closed", where: "here" });
  broken = false;
  await expect(bystander.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "closed", where: "here" });
  const next = await connect();
  await next.write(Uint8Array.of(1));
  expect(await next.read()).toEqual(Uint8Array.of(1));
  next.abort(new TaborError("closed", "here", "enough"));
});

test("a root that is no certificate is a mistake of ours", async () => {
  const module = await tlsModule();
  const make = () =>
    tlsClient({ module, roots: [Uint8Array.of(1)], clock: new VirtualClock(), random: new SeededRandom(1) });
  expect(make).toThrow(TaborError);
});
