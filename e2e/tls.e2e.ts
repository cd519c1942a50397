/** Our TLS in Chromium: the suite that `packages/tls` runs in Node, case by case. */
import { expect, type Page, test } from "@playwright/test";
import {
  type CertificateCases,
  certificateCases,
  type Issuers,
  issuers,
} from "../packages/tls/src/testing/certificate-cases.ts";
import { derOf, type Identity, NOW } from "../packages/tls/src/testing/certificates.ts";
import { flippedBits } from "../packages/tls/src/testing/flipped-bits.ts";
import {
  agreesOn,
  type ProtocolCases,
  refuses,
  type ServerIdentities,
  serverIdentities,
} from "../packages/tls/src/testing/protocol-cases.ts";
import { tlsServer, type TestServer, type TlsServerOptions } from "../packages/tls/src/testing/server.ts";
import { type ServedPage, servePage } from "./fixtures/pages.ts";
import { startBridge, type WebSocketBridge } from "./fixtures/web-socket-bridge.ts";
import type { TlsOutcome, TlsVisit } from "./pages/tls.ts";

// Some hundred handshakes each.
test.describe.configure({ timeout: 300_000 });

let served: ServedPage;
let bridge: WebSocketBridge;
let page: Page;
let cases: CertificateCases;
let hierarchy: Issuers;
let identities: ServerIdentities;

test.beforeAll(async ({ browser }) => {
  [served, bridge, hierarchy, identities] = await Promise.all([
    servePage("tls.html"),
    startBridge(),
    issuers(),
    serverIdentities(),
  ]);
  cases = certificateCases(hierarchy);
  page = await browser.newPage();
  await page.goto(served.url);
});
test.afterAll(async () => {
  await page.close();
  bridge.close();
  await served.close();
});

interface Asking extends Partial<Pick<TlsVisit, "serverName" | "alpn" | "aes256" | "asks">> {
  readonly root: Identity;
}

function visit(server: TestServer, { root, ...asking }: Asking): Promise<TlsOutcome> {
  return page.evaluate((what) => window.visitTls(what), {
    ...{ serverName: "a.example", alpn: [], aes256: false, asks: false, now: NOW },
    ...asking,
    url: bridge.urlTo(server.port),
    roots: [[...derOf(root)]],
  });
}

async function attempt(options: TlsServerOptions, asking: Asking): Promise<TlsOutcome> {
  await using server = await tlsServer(options);
  return await visit(server, asking);
}

test("certificates that hold", async () => {
  for (const [name, make] of Object.entries(cases.holds)) {
    const [chain, serverName = "a.example"] = await make();
    const outcome = await attempt({ chain }, { root: hierarchy.trusted, serverName });
    const certificates = chain.map((one) => [...derOf(one)]);
    expect.soft(outcome, name).toMatchObject({ version: "TLS 1.3", certificates });
  }
});

test("certificates that do not hold", async () => {
  for (const [name, [reason, make]] of Object.entries(cases.doesNotHold)) {
    const [chain, serverName = "a.example"] = await make();
    const outcome = await attempt({ chain }, { root: hierarchy.trusted, serverName });
    const message: unknown = expect.stringMatching(reason);
    expect.soft(outcome, name).toMatchObject({ code: "not-authentic", where: "site", message });
  }
});

async function each(protocolCases: ProtocolCases): Promise<void> {
  for (const [name, make] of Object.entries(protocolCases)) {
    const { server, alpn = [], aes256 = false, outcome, says = /(?:)/ } = await make();
    const found = await attempt(server, { root: identities.trusted, alpn, aes256 });
    expect.soft(found, name).toMatchObject(outcome);
    expect.soft("message" in found ? found.message : "", name).toMatch(says);
  }
}

test("what TLS agrees on with servers of all kinds", () => each(agreesOn(identities)));

test("what TLS does not put up with, the wrong key and old versions among it", () =>
  each(refuses(identities)));

for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
  test(`${version}: a bit flipped on the way is noticed, wherever it is`, async () => {
    const visitOnce = (server: TestServer): Promise<TlsOutcome> =>
      visit(server, { root: identities.trusted, asks: true });
    let places = 0;
    for await (const { place, outcome } of flippedBits(identities.ecdsa, version, visitOnce)) {
      if (place === undefined) expect(outcome).toMatchObject({ page: "page" });
      else expect([place, "code" in outcome]).toEqual([place, true]);
      places += 1;
    }
    expect(places).toBeGreaterThan(30);
  });
}
