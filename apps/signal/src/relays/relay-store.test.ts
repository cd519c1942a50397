/** What every store of registrations keeps, and what those on disk and in Redis keep beside. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RelayId, silentLog, type SigningKey, verifyDescriptor } from "@tabor/onion-core";
import { TEST_NOW, VirtualClock } from "@tabor/onion-core/testing";
import { systemClock, systemRandom } from "@tabor/platform";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Sharing, shareByRedis } from "../redis/share-by-redis.ts";
import { descriptorOf, freshKey } from "../testing/memory-peer.ts";
import { RedisServer } from "../testing/redis-server.ts";
import { MemoryRelays } from "./memory-relays.ts";
import { GRACE, type RegisteredRelay, type RelayChange, type RelayStore } from "./relay-store.ts";
import { SnapshotRelays } from "./snapshot-relays.ts";

const TIMEOUT = 120_000;
const cleanups: (() => unknown)[] = [];
let redis: RedisServer;
let authority: SigningKey;

beforeAll(async () => {
  redis = await RedisServer.start();
}, TIMEOUT);

afterAll(() => redis.end());

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function relayAt(connection: string, joinedAt: number, key?: SigningKey): Promise<RegisteredRelay> {
  const now = systemClock.now();
  const descriptorBytes = await descriptorOf(key ?? (await freshKey()), now);
  const descriptor = await verifyDescriptor(descriptorBytes, now);
  return { descriptor, descriptorBytes, address: "8.9.10.11", since: joinedAt, connection, joinedAt };
}

const ids = (store: RelayStore): ReadonlySet<RelayId> =>
  new Set(store.all().map(({ descriptor }) => descriptor.identity));

/** Now, or after some change. */
function when(store: RelayStore, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!holds()) return;
      stop();
      resolve();
    };
    const stop = store.onChange(look);
    look();
  });
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "tabor-relays-"));
  cleanups.push(() => rm(path, { recursive: true }));
  return path;
}

const inSnapshot = async (stateFolder: string, clock = systemClock) => {
  const store = await SnapshotRelays.open({ stateFolder, clock, log: silentLog });
  cleanups.push(() => store.close());
  return store;
};

async function sharing(key = authority, grace?: number, server = redis): Promise<Sharing> {
  const own = { clock: systemClock, random: systemRandom, log: silentLog };
  const shared = await shareByRedis({
    ...{ url: server.url, authority: key, ...own },
    ...(grace !== undefined && { grace }),
  });
  cleanups.push(async () => {
    await shared.relays.close();
    await shared.close();
  });
  shared.start();
  return shared;
}

const STORES: readonly (readonly [string, () => Promise<RelayStore>])[] = [
  ["in memory", () => Promise.resolve(new MemoryRelays())],
  ["in a snapshot", async () => inSnapshot(await folder())],
  ["in Redis", async () => (await sharing(await freshKey())).relays],
];

describe.each(STORES)("a store %s", (_where, open) => {
  it(
    "has who is put there, until its own connection ends",
    async () => {
      const store = await open();
      const relay = await relayAt("one", 1000);
      const id = relay.descriptor.identity;
      store.put(relay);
      expect(store.get(id)).toMatchObject({ address: "8.9.10.11", since: 1000, joinedAt: 1000 });
      store.remove(id, "another");
      expect(ids(store)).toEqual(new Set([id]));
      store.remove(id, "one");
      expect([store.get(id), ...store.all()]).toEqual([undefined]);
    },
    TIMEOUT,
  );

  it(
    "keeps since when a relay is here when a new connection takes it over, and tells whose it was",
    async () => {
      const store = await open();
      const changes: RelayChange[] = [];
      const key = await freshKey();
      const [older, newer] = [await relayAt("older", 1000, key), await relayAt("newer", 5000, key)];
      store.put(older);
      const stop = store.onChange((change) => changes.push(change));
      store.put(newer);
      expect(store.get(key.id)).toMatchObject({ since: 1000, joinedAt: 5000 });
      store.put(newer);
      store.remove(key.id, "older");
      expect(ids(store)).toEqual(new Set([key.id]));
      stop();
      store.remove(key.id, "newer");
      expect(changes).toEqual([
        { relay: key.id, replaced: "older" },
        { relay: key.id, replaced: undefined },
      ]);
    },
    TIMEOUT,
  );

  it(
    "is as it was once it is closed",
    async () => {
      const store = await open();
      const [one, two] = [await relayAt("one", 1), await relayAt("two", 2)];
      store.put(one);
      await store.settled();
      await store.close();
      store.remove(one.descriptor.identity, "one");
      store.put(two);
      expect(ids(store)).toEqual(new Set([one.descriptor.identity]));
    },
    TIMEOUT,
  );
});

describe("a snapshot", () => {
  it("has all that were settled before a crash, for a while: whoever comes back stays", async () => {
    const clock = new VirtualClock(TEST_NOW);
    clock.now = () => systemClock.now();
    const path = await folder();
    const before = await inSnapshot(path);
    const [stays, goes] = [await relayAt("a", 1000), await relayAt("b", 2000)];
    before.put(stays);
    before.put(goes);
    await before.settled();

    const after = await inSnapshot(path, clock);
    expect(ids(after)).toEqual(ids(before));
    after.put({ ...stays, connection: "again", joinedAt: 9000, since: 9000 });
    expect(after.get(stays.descriptor.identity)).toMatchObject({ since: 1000 });
    await clock.advance(GRACE - 1);
    expect(ids(after).size).toBe(2);
    await clock.advance(1);
    expect(ids(after)).toEqual(new Set([stays.descriptor.identity]));
  });

  it.each([
    ["is damaged", (text: string) => text.slice(0, -2)],
    ["has a relay whose signature is wrong", (text: string) => text.replace(/AA","address/, 'BB","address')],
    [
      "is old",
      (text: string) => text.replace(/"written":\d+/, `"written":${String(Date.now() - 3_600_000)}`),
    ],
    ["says more than it may", (text: string) => text.replace('"version"', '"more":1,"version"')],
  ])("that %s counts for nothing, and stops nothing", async (_what, change) => {
    const path = await folder();
    const before = await inSnapshot(path);
    before.put(await relayAt("a", 1000));
    await before.close();
    const file = join(path, "relays.json");
    const text = await readFile(file, "utf8");
    await writeFile(file, change(text.replace(/[\w-]{2}","address/, 'AA","address')));
    const after = await inSnapshot(path);
    expect(after.all()).toEqual([]);
    after.put(await relayAt("b", 1000));
    await after.close();
    expect(await readFile(file, "utf8")).toContain('"relays":[{');
  });
});

describe("brokers that share a Redis", () => {
  it(
    "know each other's relays, and who took one over",
    async () => {
      authority = await freshKey();
      const [one, two] = [(await sharing()).relays, (await sharing()).relays];
      const key = await freshKey();
      const { id } = key;
      one.put(await relayAt("c1", 1000, key));
      await when(two, () => two.get(id) !== undefined);
      const replaced = new Promise((resolve) => {
        one.onChange((change) => {
          if (change.replaced !== undefined) resolve(change);
        });
      });
      two.put(await relayAt("c2", 2000, key));
      // By the name that the connection has here, so that it can be closed.
      expect(await replaced).toEqual({ relay: id, replaced: "c1" });
      one.remove(id, "c1");
      await one.settled();
      expect(two.get(id)).toMatchObject({ since: 1000 });
      two.remove(id, "c2");
      await when(one, () => one.get(id) === undefined);
    },
    TIMEOUT,
  );

  it(
    "keep the relays of one that is gone for its grace, and then no longer",
    async () => {
      authority = await freshKey();
      const gone = await sharing(authority, 3000);
      const relay = await relayAt("c1", 1000);
      gone.relays.put(relay);
      await gone.relays.close();
      await gone.close();
      const stays = await sharing(authority, 3000);
      expect(ids(stays.relays)).toEqual(new Set([relay.descriptor.identity]));
      const own = await relayAt("c2", 1000);
      stays.relays.put(own);
      await when(stays.relays, () => !ids(stays.relays).has(relay.descriptor.identity));
      expect(ids(stays.relays)).toEqual(new Set([own.descriptor.identity]));
    },
    TIMEOUT,
  );

  it.each([
    ["keeps what it knew", true],
    ["has forgotten all", false],
  ])(
    "lose no relay when Redis crashes and %s",
    async (_what, persists) => {
      const server = await RedisServer.start({ persists });
      cleanups.push(() => server.end());
      const key = await freshKey();
      const [one, two] = [await sharing(key, undefined, server), await sharing(key, undefined, server)];
      const [a, b, late] = [await relayAt("a", 1), await relayAt("b", 2), await relayAt("late", 3)];
      one.relays.put(a);
      two.relays.put(b);
      await when(one.relays, () => ids(one.relays).size === 2);
      await server.kill();
      // While it is away they go on.
      one.relays.put(late);
      one.relays.remove(a.descriptor.identity, "a");
      expect(ids(one.relays)).toEqual(new Set([b.descriptor.identity, late.descriptor.identity]));
      await server.run();
      await when(two.relays, () => ids(two.relays).has(late.descriptor.identity));
      await when(two.relays, () => !ids(two.relays).has(a.descriptor.identity));
      const three = await sharing(key, undefined, server);
      await when(three.relays, () => ids(three.relays).size === 2);
      expect(ids(three.relays)).toEqual(ids(one.relays));
    },
    TIMEOUT,
  );
});
