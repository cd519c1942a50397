import type { SecureVersion, TLSSocket } from "node:tls";
import type { TlsStream } from "@tabor/browsing/api";
import { TaborError } from "@tabor/onion-core";
import { beforeAll, describe, expect, test } from "vitest";
import { attempt, connect } from "./testing/attempt.ts";
import { certificate, root, strangersKey, SERVER, type Identity } from "./testing/certificates.ts";
import { testClient } from "./testing/client.ts";
import { flippingBit, through } from "./testing/middle.ts";
import { tlsServer, type TestServer, type TlsServerOptions } from "./testing/server.ts";
import { socketDuplex } from "./testing/socket-duplex.ts";

/** What TLS agrees on with servers of all kinds, and what it does not put up with. */

let trusted: Identity;
let ecdsa: Identity;
let rsa: Identity;

beforeAll(async () => {
  trusted = await root();
  const site = { issuer: trusted, ca: false, names: ["a.example"], purposes: [SERVER] } as const;
  ecdsa = await certificate(site);
  rsa = await certificate({ ...site, algorithm: "RSA" });
});

const only = (version: SecureVersion): Pick<TlsServerOptions, "minVersion" | "maxVersion"> => ({
  minVersion: version,
  maxVersion: version,
});

describe("agrees on", () => {
  test.each([["TLS_CHACHA20_POLY1305_SHA256"], ["TLS_AES_128_GCM_SHA256"], ["TLS_AES_256_GCM_SHA384"]])(
    "%s in TLS 1.3",
    async (suite) => {
      expect(await attempt({ chain: [ecdsa], roots: [trusted], ciphers: suite })).toMatchObject({
        version: "TLS 1.3",
        cipherSuite: suite,
      });
    },
  );

  test.each([
    ["ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"],
    ["ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
    ["ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
    ["ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"],
    ["ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
    ["ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"],
  ])("%s in TLS 1.2", async (ciphers, suite) => {
    const chain = [suite.includes("ECDSA") ? ecdsa : rsa];
    expect(await attempt({ chain, roots: [trusted], ciphers, ...only("TLSv1.2") })).toMatchObject({
      version: "TLS 1.2",
      cipherSuite: suite,
    });
  });

  test("ChaCha20 with a server that leaves the choice to us", async () => {
    expect(await attempt({ chain: [ecdsa], roots: [trusted], honorCipherOrder: false })).toMatchObject({
      cipherSuite: "TLS_CHACHA20_POLY1305_SHA256",
    });
  });

  test.each(["X25519", "P-256", "P-384"])(
    "a key exchange in %s, asked for again if need be",
    async (ecdhCurve) => {
      expect(await attempt({ chain: [ecdsa], roots: [trusted], ecdhCurve })).toHaveProperty(
        "version",
        "TLS 1.3",
      );
    },
  );

  test("the protocol above, or none", async () => {
    const alpn = ["h2", "http/1.1"];
    const served = (ALPNProtocols: string[]): ReturnType<typeof attempt> =>
      attempt({ chain: [ecdsa], roots: [trusted], alpn, ALPNProtocols });
    expect(await served(["http/1.1"])).toHaveProperty("alpn", "http/1.1");
    expect(await served(["h2"])).toHaveProperty("alpn", "h2");
    expect(await served([])).toHaveProperty("alpn", undefined);
    expect(await served(["gopher"])).toMatchObject({ code: "protocol", message: /none of the protocols/ });
  });
});

describe("refuses", () => {
  test.each(["TLSv1", "TLSv1.1"] as const)("%s", async (version) => {
    expect(await attempt({ chain: [rsa], roots: [trusted], ...only(version) })).toMatchObject({
      code: "protocol",
      where: "site",
      message: "the site speaks only versions of TLS that are no longer safe",
    });
  });

  test.each([
    ["keys without forward secrecy", "AES128-GCM-SHA256"],
    ["suites that are not authenticated as one", "ECDHE-RSA-AES128-SHA256"],
    ["no encryption", "ECDHE-RSA-NULL-SHA"],
    ["nobody's signature", "AECDH-AES128-SHA"],
    ["finite-field groups", "DHE-RSA-AES128-GCM-SHA256"],
  ])("%s", async (_, cipher) => {
    const ciphers = `${cipher}:@SECLEVEL=0`;
    const options = { chain: [rsa], roots: [trusted], ciphers, dhparam: "auto", ...only("TLSv1.2") };
    expect(await attempt(options)).toMatchObject({ code: "protocol", message: /no safe way/ });
  });

  test.each(["TLSv1.3", "TLSv1.2"] as const)(
    "a server without its certificate's key, %s",
    async (version) => {
      const key = await strangersKey(ecdsa);
      expect(await attempt({ chain: [ecdsa], key, roots: [trusted], ...only(version) })).toMatchObject({
        code: "not-authentic",
        message: "a signature does not match: someone may be in between",
      });
    },
  );

  test("a server that demands a certificate of us", async () => {
    const options = { chain: [ecdsa], roots: [trusted], requestCert: true, rejectUnauthorized: true };
    expect(await attempt({ ...options, ...only("TLSv1.2") })).toMatchObject({ where: "site" });
  });
});

describe.each(["TLSv1.3", "TLSv1.2"] as const)("%s, a bit flipped on the way", (version) => {
  test("is noticed, wherever it is", { timeout: 60_000 }, async () => {
    await using server = await tlsServer({
      chain: [ecdsa],
      ...only(version),
      onConnection: servePage,
    });
    let length = 0;
    await using measured = await through(server, (bytes) => {
      length += bytes.length;
      return bytes;
    });
    expect(await visit(measured)).toBe("page");
    expect(length).toBeGreaterThan(600);
    // The end may move by some bytes: the lengths of ECDSA signatures differ.
    for (let place = 0; place < length - 60; place += 19) {
      await using middle = await through(server, flippingBit(place), 1000);
      expect([place, await visit(middle)]).toEqual([place, expect.any(TaborError)]);
    }
  });
});

/** Not at once: Node says no close_notify while it still has session tickets to send. */
function servePage(socket: TLSSocket): void {
  socket.once("data", () => socket.end("page"));
}

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
