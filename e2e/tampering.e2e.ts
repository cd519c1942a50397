/** A relay that flips a bit: the circuit ends, and nothing else (SPEC §4.2). */
import { expect, test } from "@playwright/test";
import { concat, type OnionClient, type RelayId, type TaborError } from "@tabor/onion-core";
import { endNodeRtc } from "@tabor/rtc-link/node";
import { startDirectoryDouble } from "./doubles/directory.ts";
import { type LocalRelay, startLocalClient, startLocalRelay } from "./doubles/peers.ts";
import { Tampering } from "./doubles/tampering.ts";
import { bytesOf, sha256 } from "./fixtures/content.ts";
import { type Site, startSite } from "./fixtures/site.ts";

type Role = "guard" | "middle" | "exit";

const NAMES = ["red", "green", "blue"] as const;
const HALF = 200_000;
const BODY = bytesOf(2 * HALF);
const CIRCUITS = 3;

const tampering = new Tampering();
const relays = new Map<string, LocalRelay>();
const closing: (() => unknown)[] = [];
let site: Site;
let client: OnionClient;

test.beforeAll(async () => {
  site = await startSite();
  closing.push(() => site.close());
  const directory = await startDirectoryDouble();
  closing.push(() => directory.close());
  for (const name of NAMES) {
    const options = { directory: directory.url, exit: name === "blue", through: tampering.through(name) };
    const relay = await startLocalRelay(options);
    closing.push(() => relay.close());
    relays.set(name, relay);
  }
  const linked = (): number[] => [...relays.values()].map(({ relay }) => relay.stats.relayLinks);
  await expect.poll(linked).toEqual([2, 2, 2]);
  const peer = await startLocalClient(directory.url);
  closing.push(() => peer.close());
  ({ client } = peer);
  await expect.poll(() => client.status.stage).toBe("ready");
});

test.afterAll(async () => {
  for (const close of closing.reverse()) await close();
  endNodeRtc();
});

/** @property found who notices: the next honest relay, or the client itself */
const places: { by: Role; towards: Role | "client"; found: string }[] = [
  { by: "guard", towards: "middle", found: "the relay after relay #1 found a cell that was altered" },
  { by: "middle", towards: "exit", found: "the relay after relay #2 found a cell that was altered" },
  { by: "guard", towards: "client", found: "cell was altered" },
  { by: "middle", towards: "guard", found: "cell was altered" },
  { by: "exit", towards: "middle", found: "cell was altered" },
];

for (const { by, towards, found } of places) {
  test(`by the ${by}, towards the ${towards}: one circuit ends, the others carry every byte`, async () => {
    const uploads = await Promise.all(
      Array.from({ length: CIRCUITS }, (_, i) => halfUploaded(`${by} ${towards} ${i}`)),
    );
    expect(new Set(uploads.map(({ circuit }) => circuit)).size).toBe(CIRCUITS);
    await atRest();
    const links = linkCounts();
    const flipped = tampering.flip(nameOf(by), towards === "client" ? "client" : nameOf(towards));
    const outcomes = await Promise.allSettled(uploads.map((upload) => upload.finish()));
    await flipped;

    const hashes = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(hashes).toEqual(Array(CIRCUITS - 1).fill(sha256(BODY)));
    const failure = outcomes.find((outcome) => outcome.status === "rejected")?.reason as TaborError;
    expect(failure.code).toBe("not-authentic");
    expect(failure.message).toContain(found);
    expect(linkCounts()).toEqual(links);

    const again = await halfUploaded(`${by} ${towards} again`);
    expect(await again.finish()).toBe(sha256(BODY));
  });
}

/** A POST of which the site has half, on a circuit of its own. */
async function halfUploaded(isolation: string) {
  const stream = await client.openStream({ host: "127.0.0.1", port: site.port }, { isolation });
  const head = `POST /hash HTTP/1.1\r\nhost: site\r\nconnection: close\r\ncontent-length: ${BODY.length}\r\n\r\n`;
  await stream.write(concat(new TextEncoder().encode(head), BODY.subarray(0, HALF)));
  return {
    circuit: stream.circuit.id,
    finish: async (): Promise<string> => {
      await stream.write(BODY.subarray(HALF));
      let answer = "";
      for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) {
        answer += new TextDecoder().decode(bytes);
      }
      return /[0-9a-f]{64}/.exec(answer)?.[0] ?? answer;
    },
  };
}

/** No circuit is being built: the next cells belong to those that carry something. */
async function atRest(): Promise<void> {
  const states = (): string[] => client.circuits.map(({ state }) => state.name);
  await expect.poll(() => states().filter((name) => name !== "open")).toEqual([]);
  await expect.poll(() => states().length).toBeGreaterThan(CIRCUITS);
}

/** All circuits of this network go over the same three relays. */
function nameOf(role: Role): string {
  const id = client.circuits.flatMap(({ hops }) => hops).find((hop) => hop.role === role)?.relay;
  const named = [...relays].find(([, { relay }]): boolean => relay.id === (id as RelayId));
  if (named === undefined) throw new Error(`no ${role}`);
  return named[0];
}

function linkCounts(): Record<string, number> {
  return Object.fromEntries([...relays].map(([name, { relay }]) => [name, relay.linkCount]));
}
