/** A broker that lies: what it does to session descriptions is noticed, and the link refused (SPEC §2.2, §9.4). */
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { generateSigningKey, type TaborError } from "@tabor/onion-core";
import { endNodeRtc } from "@tabor/rtc-link/node";
import { roleOf } from "@tabor/signal-protocol";
import { readEnvelope } from "../packages/rtc-link/src/signalling/sealed-description.ts";
import { BrokerInTheMiddle } from "./doubles/broker-in-the-middle.ts";
import { type DoubleOptions, type LyingBroker, startDirectoryDouble } from "./doubles/directory.ts";
import { type LocalRelay, startLocalClient, startLocalRelay } from "./doubles/peers.ts";
import { App } from "./fixtures/app.ts";
import { BUILT_WEB_APP } from "./fixtures/directory.ts";
import { ROOT } from "./fixtures/program.ts";

/** What must end with the test, last made first. */
const closing: (() => unknown)[] = [];
test.afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
test.afterAll(() => endNodeRtc());

/** Three relays that are listed, at a directory whose broker lies; and the way for a client to join them. */
async function meet(options: DoubleOptions) {
  const directory = await startDirectoryDouble(options);
  closing.push(() => directory.close());
  const relays = await Promise.all(
    [true, false, false].map((exit) => startLocalRelay({ directory: directory.url, exit })),
  );
  closing.push(() => relays.forEach((relay) => relay.close()));
  const { url } = directory;
  const joinAsClient = async () => {
    const peer = await startLocalClient(directory.url);
    closing.push(() => peer.close());
    return peer;
  };
  return { relays, join: joinAsClient, url };
}

async function listed(relays: readonly LocalRelay[]): Promise<void> {
  const seen = (): number[] => relays.map(({ directory }) => directory.current?.relays.length ?? 0);
  await expect.poll(seen).toEqual(relays.map(() => relays.length));
}

const clientLinks = (relays: readonly LocalRelay[]): number =>
  relays.reduce((sum, { relay }) => sum + relay.stats.clientLinks, 0);

type Client = Awaited<ReturnType<typeof startLocalClient>>["client"];

/** Why the client has no link to its guard. */
async function refusal(client: Client): Promise<TaborError | undefined> {
  await expect.poll(() => client.status.problem).toBeDefined();
  expect(client.status.stage).toBe("guard");
  return client.status.problem;
}

test("an honest broker: the client gets ready", async () => {
  const { join, relays } = await meet({});
  await listed(relays);
  const { client } = await join();
  await expect.poll(() => client.status.stage).toBe("ready");
  expect(clientLinks(relays)).toBe(1);
});

for (const type of ["offer", "answer"] as const) {
  test(`a flipped bit in the ${type}`, async () => {
    const { join, relays } = await meet({ broker: flipping(type) });
    await listed(relays);
    const { client } = await join();
    expect(await refusal(client)).toMatchObject({ code: type === "answer" ? "not-authentic" : "timeout" });
    expect(clientLinks(relays)).toBe(0);
  });
}

test("DTLS certificates of the broker's on both sides, with the relays' signal keys stolen", async () => {
  const middle = new BrokerInTheMiddle();
  const { join, relays } = await meet({ broker: middle.broker });
  for (const { relay, keys } of relays) middle.steal(relay.id, keys.signalKeys);
  await listed(relays);
  const { client } = await join();
  expect(await refusal(client)).toMatchObject({ code: "not-authentic", where: "link" });
  expect(middle.carried).toBeGreaterThan(0);
  expect(client.circuits).toEqual([]);
});

test("the same broker and a tab: it does not link, and says why", async ({ context }) => {
  const middle = new BrokerInTheMiddle();
  const { url, relays } = await meet({ broker: middle.broker, webFolder: join(ROOT, BUILT_WEB_APP) });
  for (const { relay, keys } of relays) middle.steal(relay.id, keys.signalKeys);
  await listed(relays);
  const app = await App.open(context, url);
  await expect(app.page.getByTestId("connection")).toContainText("not who they should be");
  expect(middle.carried).toBeGreaterThan(0);
  await expect(app.page.getByTestId("status")).not.toHaveAttribute("data-tone", "ready");
  await context.close();
});

test("a consensus signed by a stranger", async () => {
  const { key: signer } = await generateSigningKey();
  const { join } = await meet({ signer });
  const { client, directory } = await join();
  const problem = (): string | undefined =>
    directory.state.phase === "joined" ? directory.state.problem?.code : undefined;
  await expect.poll(problem).toBe("not-authentic");
  expect(directory.current).toBeUndefined();
  expect(client.status.stage).toBe("directory");
});

/** Flips a bit in what clients offer, or in what they are answered. */
function flipping(target: "offer" | "answer"): LyingBroker {
  const offeredByClients = new Set<string>();
  return ({ from, blob }, { deliver }) => {
    const { type, id } = readEnvelope(blob);
    if (type === "offer" && roleOf(from) === "client") offeredByClients.add(id);
    const changed = Uint8Array.from(blob);
    const last = changed.length - 1;
    if (type === target && offeredByClients.has(id)) changed[last] = (changed[last] ?? 0) ^ 1;
    deliver({ from, blob: changed });
  };
}
