import type { TlsStream } from "@tabor/browsing/api";
import { TaborError } from "@tabor/onion-core";
import { describe, expect, test } from "vitest";
import { attempt, connect } from "./testing/attempt.ts";
import { testClient } from "./testing/client.ts";
import { flippedBits, servePage } from "./testing/flipped-bits.ts";
import { agreesOn, refuses, serverIdentities, type ProtocolCases } from "./testing/protocol-cases.ts";
import { tlsServer, type TestServer } from "./testing/server.ts";
import { socketDuplex } from "./testing/socket-duplex.ts";

/** What TLS agrees on with servers of all kinds, and what it does not put up with; `e2e/tls.e2e.ts` has the same in Chromium. */

const identities = await serverIdentities();
const { trusted, ecdsa } = identities;

function each(cases: ProtocolCases): void {
  test.each(Object.entries(cases))("%s", async (_, make) => {
    const { server, alpn = [], aes256 = false, outcome, says = /(?:)/ } = await make();
    const found = await attempt({ ...server, roots: [trusted], alpn, aes256 });
    expect(found).toMatchObject(outcome);
    expect(found instanceof TaborError ? found.message : "").toMatch(says);
  });
}

describe("agrees on", () => {
  each(agreesOn(identities));
});

describe("refuses", () => {
  each(refuses(identities));
});

test.each(["TLSv1.3", "TLSv1.2"] as const)(
  "%s: a bit flipped on the way is noticed, wherever it is",
  { timeout: 60_000 },
  async (version) => {
    for await (const { place, outcome } of flippedBits(ecdsa, version, visit)) {
      expect([place, outcome]).toEqual([place, place === undefined ? "page" : expect.any(TaborError)]);
    }
  },
);

async function visit(server: TestServer): Promise<string | TaborError> {
  try {
    return await page(await connect(server, { roots: [trusted] }));
  } catch (thrown) {
    if (thrown instanceof TaborError) return thrown;
    throw thrown;
  }
}

async function page(stream: TlsStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  await stream.write(new TextEncoder().encode("a request"));
  for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) chunks.push(bytes);
  stream.end();
  return Buffer.concat(chunks).toString();
}

test("no session is resumed, by which a site could link two visits", async () => {
  const reused: boolean[] = [];
  await using server = await tlsServer({
    chain: [ecdsa],
    onConnection: (socket) => {
      reused.push(socket.isSessionReused());
      servePage(socket);
    },
  });
  const { client } = await testClient([trusted]);
  for (let count = 0; count < 2; count++) {
    expect(
      await page(
        await client.connect(socketDuplex(await server.connect()), { serverName: "a.example", alpn: [] }),
      ),
    ).toBe("page");
  }
  expect(reused).toEqual([false, false]);
});
