/**
 * What others get to see. Directory and broker: nothing of where people go, and nothing per circuit (SPEC §6.2, §9.5). An exit: to whom,
 * and nothing of what is said over https.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import type { OnionClient } from "@tabor/onion-core";
import { endNodeRtc } from "@tabor/rtc-link/node";
import { startDirectoryDouble } from "./doubles/directory.ts";
import { type LocalRelay, startLocalClient, startLocalRelay } from "./doubles/peers.ts";
import { App } from "./fixtures/app.ts";
import { startNetwork } from "./fixtures/network.ts";
import { startSecureSite } from "./fixtures/secure-site.ts";
import { startSite } from "./fixtures/site.ts";
import { trustingWebApp } from "./fixtures/trusting-web-app.ts";

const CIRCUITS = 5;

test.afterAll(() => endNodeRtc());

test("the directory's own records of a run contain no destination", async ({ context }) => {
  const [network, site] = await Promise.all([startNetwork({ relays: 2, exits: 1 }), startSite()]);
  const app = await App.open(context, network.directory.url);
  await app.ready();
  await app.goPlain(`http://localhost:${site.port}/page?whereabouts`);
  await app.shows("document");
  await app.go("http://tabor-whereabouts.invalid/");
  await app.shows("failed");
  const { program, state } = network.directory;
  await context.close();
  await program.line(/peer left/);

  const records = [program.text, ...(await filesIn(state))].join("\n");
  expect(records).toContain("peer joined");
  expect(records).not.toMatch(/whereabouts|localhost/);
  expect(records).not.toContain(String(site.port));
  expect(site.visits.map(({ path }) => path)).toContain("/page?whereabouts");
  await network.stop();
  await site.close();
});

test("of an https page an exit sees neither path nor header nor body, and the directory nothing", async ({
  context,
}) => {
  const recorded = await mkdtemp(join(tmpdir(), "tabor-records-"));
  const [site, plain] = await Promise.all([startSecureSite(), startSite()]);
  const web = await trustingWebApp(site.rootPem);
  const hook = fileURLToPath(new URL("fixtures/record-sockets.mjs", import.meta.url));
  const exitEnvironment = { NODE_OPTIONS: `--import ${hook}`, TABOR_SOCKET_RECORDS: recorded };
  const network = await startNetwork({ relays: 2, exits: 1, web: web.folder, exitEnvironment });
  const app = await App.open(context, network.directory.url);
  await app.ready();
  const here = app.document.locator("#here");

  await app.go(`${site.origin}/`);
  await expect(app.document.locator("#greeting")).toHaveText("Hello over https");
  await app.document.getByText("Log in").click();
  await expect(here).toHaveText("In");
  await app.go(`${site.origin}/who?whereabouts`);
  await expect(here).toHaveText("who=me");
  await app.go(`${site.origin}/`);
  const file = { name: "letter.txt", mimeType: "text/plain", buffer: Buffer.from("Dear whereabouts") };
  await app.document.getByLabel("File to send").setInputFiles(file);
  await app.document.getByRole("button", { name: "Post" }).click();
  await expect(here).toContainText("bytes");
  // What was said, for whoever could read it.
  const said = [
    "/style.css",
    "/who?whereabouts",
    "whereabouts",
    "who=me",
    "Hello over https",
    "letter.txt",
    "Dear where",
  ];
  const fields = [
    "HTTP/1.1\r\n",
    "Accept-Language",
    "Mozilla/5.0",
    "text/html",
    "Set-Cookie",
    "content-type",
  ];
  expect(site.visits.map(({ path }) => path)).toEqual(expect.arrayContaining(["/who?whereabouts", "/post"]));

  const traffic = (await filesIn(recorded)).filter(isTls).join("\n");
  expect(traffic.length).toBeGreaterThan(1000);
  const exitLog = network.exits.map(({ text }) => text).join("\n");
  const { program, state } = network.directory;
  const directoryRecords = [program.text, ...(await filesIn(state))].join("\n");
  for (const secret of [...said, ...fields]) {
    expect(traffic.toLowerCase()).not.toContain(secret.toLowerCase());
    if (!fields.includes(secret)) expect(exitLog + directoryRecords).not.toContain(secret);
  }

  // The record is not blind: of plain http the exit does see it all.
  await app.goPlain(`http://localhost:${plain.port}/page?seen-by-the-exit`);
  await app.shows("document");
  const all = (await filesIn(recorded)).join("\n");
  expect(all).toContain("GET /page?seen-by-the-exit HTTP/1.1");
  expect(all).toContain("Hello from the other side");

  await context.close();
  await network.stop();
  await Promise.all([site.close(), plain.close(), web.remove(), rm(recorded, { recursive: true })]);
});

test("nothing is brokered per circuit, stream or destination", async () => {
  let brokered = 0;
  const directory = await startDirectoryDouble({
    broker: (signal, { deliver }) => {
      brokered += 1;
      deliver(signal);
    },
  });
  const relays: LocalRelay[] = [];
  for (const exit of [true, false, false]) {
    relays.push(await startLocalRelay({ directory: directory.url, exit }));
  }
  await expect.poll(() => relays.map(({ relay }) => relay.stats.relayLinks)).toEqual([2, 2, 2]);
  const site = await startSite();
  const peer = await startLocalClient(directory.url);
  await expect.poll(() => peer.client.status.stage).toBe("ready");
  // Each pair of relays, and the client with its guard: one offer and one answer.
  expect(brokered).toBe(2 * (3 + 1));

  const circuits = new Set<number>();
  for (let i = 0; i < CIRCUITS; i++) circuits.add(await fetchOver(peer.client, site.port, `site ${i}`));
  expect(circuits.size).toBe(CIRCUITS);
  expect(site.visits.length).toBe(CIRCUITS);
  expect(brokered).toBe(2 * (3 + 1));

  peer.close();
  for (const relay of relays) relay.close();
  await directory.close();
  await site.close();
});

/** @returns the circuit it went over. */
async function fetchOver(client: OnionClient, port: number, isolation: string): Promise<number> {
  const stream = await client.openStream({ host: "127.0.0.1", port }, { isolation });
  await stream.write(
    new TextEncoder().encode("GET /page HTTP/1.1\r\nhost: site\r\nconnection: close\r\n\r\n"),
  );
  let length = 0;
  for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) length += bytes.length;
  expect(length).toBeGreaterThan(0);
  return stream.circuit.id;
}

/** One direction of a connection: it begins with a TLS record of a handshake (RFC 8446 §5.1). */
function isTls(bytes: string): boolean {
  return bytes.startsWith("\x16\x03");
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "latin1")));
}
