/** The broker learns no paths: relays ask it for first links, and signal all others through each other (SPEC §9.5). */
import { expect, test } from "@playwright/test";
import { endNodeRtc } from "@tabor/rtc-link/node";
import { type PeerAddress, relayAddress, roleOf } from "@tabor/signal-protocol";
import { readEnvelope } from "../packages/rtc-link/src/signalling/sealed-description.ts";
import { type LyingBroker, startDirectoryDouble } from "./doubles/directory.ts";
import { type LocalRelay, startLocalClient, startLocalRelay } from "./doubles/peers.ts";

const RELAYS = 6;
const PAIRS = (RELAYS * (RELAYS - 1)) / 2;

test.setTimeout(240_000);
test.afterAll(() => endNodeRtc());

test("six relays link to each other, although the broker serves those alone that have no link", async () => {
  const relays: LocalRelay[] = [];
  const carried: PeerAddress[] = [];
  const isLinked = (address: PeerAddress): boolean =>
    relays.some(({ relay }) => relayAddress(relay.id) === address && relay.stats.relayLinks > 0);
  const broker: LyingBroker = (signal, { deliver }) => {
    const isOfRelay = readEnvelope(signal.blob).type === "offer" && roleOf(signal.from) === "relay";
    if (isOfRelay && isLinked(signal.from)) return;
    if (isOfRelay) carried.push(signal.from);
    deliver(signal);
  };
  const directory = await startDirectoryDouble({ broker });
  // One after the other, as they come in life.
  for (let i = 0; i < RELAYS; i++)
    relays.push(await startLocalRelay({ directory: directory.url, exit: i < 2 }));
  const linkedTo = (): number[] => relays.map(({ relay }) => relay.stats.relayLinks);
  await expect.poll(linkedTo, { timeout: 120_000 }).toEqual(relays.map(() => RELAYS - 1));

  const dialled = relays.map(({ signalled }) => signalled().dialled);
  const sum = (by: "broker" | "mesh"): number => dialled.reduce((total, one) => total + one[by], 0);
  expect(sum("broker")).toBeLessThanOrEqual(carried.length);
  expect(sum("mesh")).toBeGreaterThanOrEqual(PAIRS - carried.length);
  expect(sum("mesh")).toBeGreaterThan(0);

  // Circuits ask nothing of it.
  const before = carried.length;
  const peer = await startLocalClient(directory.url);
  await expect.poll(() => peer.client.status.stage, { timeout: 60_000 }).toBe("ready");
  expect(carried).toHaveLength(before);
  peer.close();
  for (const relay of relays) relay.close();
  await directory.close();
});
