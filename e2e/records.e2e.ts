/** What the directory and broker get to see: nothing of where people go, and nothing per circuit (SPEC §6.2, §9.5). */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { OnionClient } from "@tabor/onion-core";
import { endNodeRtc } from "@tabor/rtc-link/node";
import { startDirectoryDouble } from "./doubles/directory.ts";
import { type LocalRelay, startLocalClient, startLocalRelay } from "./doubles/peers.ts";
import { App } from "./fixtures/app.ts";
import { startNetwork } from "./fixtures/network.ts";
import { startSite } from "./fixtures/site.ts";

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

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "latin1")));
}
