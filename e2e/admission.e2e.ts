/** Who is let into the network, and whom a peer lets in: everything that must be refused is (SPEC §8, §9.2). */
import { type RelayId, verifyConsensus } from "@tabor/onion-core";
import { systemClock } from "@tabor/platform";
import { expect, test } from "@playwright/test";
import { startDirectoryDouble } from "./doubles/directory.ts";
import { type RunningDirectory, startDirectory } from "./fixtures/directory.ts";
import { connectTo, descriptorOf, join, newKey, publish, signJoin } from "./fixtures/joining.ts";

let directory: RunningDirectory;
test.beforeAll(async () => {
  directory = await startDirectory();
});
test.afterAll(async () => {
  await directory.stop();
});

test("an honest relay joins, publishes, and is listed until it leaves", async () => {
  const [key, observerKey] = await Promise.all([newKey(), newKey()]);
  const [relay, observer] = await Promise.all([connectTo(directory.url), connectTo(directory.url)]);
  expect(await join(observer, await signJoin(observer, observerKey, { role: "client" }))).toMatchObject({
    ok: true,
  });
  expect(await join(relay, await signJoin(relay, key))).toMatchObject({ ok: true });
  expect(await publish(relay, await descriptorOf(key))).toEqual({ ok: true });
  const listed = async (): Promise<boolean> => {
    const newest = observer.consensuses.at(-1);
    return newest !== undefined && (await idsIn(newest)).includes(key.id);
  };
  await expect.poll(listed).toBe(true);
  relay.socket.disconnect();
  await expect.poll(listed).toBe(false);
  observer.socket.disconnect();
});

test("a wrong signature", async () => {
  const connection = await connectTo(directory.url);
  const request = await signJoin(connection, await newKey());
  request.signature[0] = (request.signature[0] ?? 0) ^ 1;
  expect(await join(connection, request)).toEqual({ ok: false, error: "not-authentic" });
  expect(await publish(connection, await descriptorOf(await newKey()))).toEqual({
    ok: false,
    error: "not-joined",
  });
  connection.socket.disconnect();
});

test("another's key", async () => {
  const connection = await connectTo(directory.url);
  const [mine, theirs] = await Promise.all([newKey(), newKey()]);
  const request = { ...(await signJoin(connection, mine)), key: Uint8Array.from(theirs.publicKey) };
  expect(await join(connection, request)).toEqual({ ok: false, error: "not-authentic" });
  connection.socket.disconnect();
});

test("an answer to a challenge, replayed on another connection", async () => {
  const [first, second] = await Promise.all([connectTo(directory.url), connectTo(directory.url)]);
  const request = await signJoin(first, await newKey());
  expect(await join(first, request)).toMatchObject({ ok: true });
  expect(await join(second, request)).toEqual({ ok: false, error: "not-authentic" });
  first.socket.disconnect();
  second.socket.disconnect();
});

test("an answer to a challenge, replayed on its own connection", async () => {
  const connection = await connectTo(directory.url);
  const request = await signJoin(connection, await newKey());
  expect(await join(connection, request)).toMatchObject({ ok: true });
  expect(await join(connection, request)).toEqual({ ok: false, error: "not-allowed" });
  connection.socket.disconnect();
});

test("a challenge has one attempt", async () => {
  const connection = await connectTo(directory.url);
  const key = await newKey();
  const wrong = await signJoin(connection, key, { connectionId: "another" });
  expect(await join(connection, wrong)).toEqual({ ok: false, error: "not-authentic" });
  expect(await join(connection, await signJoin(connection, key))).toEqual({
    ok: false,
    error: "not-allowed",
  });
  connection.socket.disconnect();
});

test("a challenge that has expired", async () => {
  let ahead = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + ahead };
  const double = await startDirectoryDouble({ clock });
  const connection = await connectTo(double.url);
  const request = await signJoin(connection, await newKey());
  ahead = connection.challenge.expires - systemClock.now();
  expect(await join(connection, request)).toEqual({ ok: false, error: "expired" });
  connection.socket.disconnect();
  await double.close();
});

test("a descriptor that another relay signed, or that is too old", async () => {
  const connection = await connectTo(directory.url);
  const [key, other] = await Promise.all([newKey(), newKey()]);
  await join(connection, await signJoin(connection, key));
  const foreign = await descriptorOf(other);
  expect(await publish(connection, foreign)).toEqual({ ok: false, error: "not-authentic" });
  const yesterday = await descriptorOf(key, Date.now() - 25 * 3_600_000);
  expect(await publish(connection, yesterday)).toEqual({ ok: false, error: "expired" });
  connection.socket.disconnect();
});

async function idsIn(consensus: Uint8Array): Promise<RelayId[]> {
  const trust = { authorities: [directory.authority], now: Date.now(), newest: undefined };
  const { relays } = await verifyConsensus(new Uint8Array(consensus), trust);
  return relays.map(({ descriptor }) => descriptor.identity);
}
