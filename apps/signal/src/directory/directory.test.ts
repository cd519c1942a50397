import { type SigningKey, silentLog, verifyConsensus, verifySignature } from "@tabor/onion-core";
import { SeededRandom, TEST_NOW, VirtualClock } from "@tabor/onion-core/testing";
import { clientAddress, parseAddress, relayAddress, welcomeTranscript } from "@tabor/signal-protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { MemoryRelays } from "../relays/memory-relays.ts";
import { soleAuthority } from "./sole-authority.ts";
import { Directory } from "./directory.ts";
import { descriptorOf, freshKey, MemoryPeer } from "../testing/memory-peer.ts";

let clock: VirtualClock;
let identity: SigningKey;
let directory: Directory;
let connections = 0;

beforeEach(async () => {
  clock = new VirtualClock(TEST_NOW);
  identity = await freshKey();
  directory = new Directory({
    identity,
    startConsensuses: soleAuthority(identity, { clock, log: silentLog }),
    clock,
    random: new SeededRandom(1),
    log: silentLog,
  });
  await clock.settle();
});

const connect = (key: SigningKey, address?: string) =>
  new MemoryPeer(directory, key, `connection-${connections++}`, address);

async function joined(role: "client" | "relay") {
  const peer = connect(await freshKey());
  expect(await peer.join(role)).toMatchObject({ ok: true });
  return peer;
}

async function publishedRelay() {
  const peer = await joined("relay");
  expect(await peer.session.publish(await descriptorOf(peer.key, clock.now()))).toEqual({ ok: true });
  return peer;
}

/** The newest consensus that `peer` has got, verified as a client does. */
function verified(peer: MemoryPeer) {
  const bytes = peer.consensuses.at(-1) ?? new Uint8Array(0);
  return verifyConsensus(bytes, { authorities: [identity.id], now: clock.now() });
}

async function listed(peer: MemoryPeer): Promise<ReadonlySet<string>> {
  return new Set((await verified(peer)).relaysById.keys());
}

describe("joining", () => {
  it("gives relays the address of their identity and clients one of their own, and proves who the directory is", async () => {
    const relay = connect(await freshKey());
    const request = await relay.request("relay");
    const answer = await relay.session.join(request);
    if (!answer.ok || !relay.challenged) throw new Error("refused");
    expect(answer.address).toBe(relayAddress(relay.key.id));
    const fields = {
      directory: identity.publicKey,
      directoryNonce: relay.challenged.nonce,
      expires: relay.challenged.expires,
      admission: "open",
      role: "relay",
      key: relay.key.publicKey,
      peerNonce: request.nonce,
      connectionId: relay.connectionId,
    } as const;
    expect(await verifySignature(identity.publicKey, answer.signature, welcomeTranscript(fields))).toBe(true);

    const addresses = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const client = await connect(await freshKey()).join("client");
      if (client.ok) addresses.add(parseAddress(client.address));
    }
    expect([...addresses].filter((address) => address.startsWith("client:"))).toHaveLength(3);
  });

  it("challenges each connection with its own nonce", async () => {
    const key = await freshKey();
    expect(connect(key).challenged?.nonce).not.toEqual(connect(key).challenged?.nonce);
  });

  it.each([
    ["another key's signature", async () => ({ key: (await freshKey()).publicKey })],
    ["another role", () => ({ role: "client" as const })],
    ["another connection", () => ({ connectionId: "elsewhere" })],
    ["another directory", async () => ({ directory: (await freshKey()).publicKey })],
    ["another nonce", () => ({ directoryNonce: new Uint8Array(32) })],
    ["another expiry", () => ({ expires: 2 ** 50 })],
    ["another peer nonce", () => ({ peerNonce: new Uint8Array(32) })],
  ])("refuses a signature for %s, and gives no second attempt", async (_what, fields) => {
    const peer = connect(await freshKey());
    const bad = await peer.request("relay", await fields());
    expect(await peer.session.join(bad)).toEqual({ ok: false, error: "not-authentic" });
    expect(await peer.join("relay")).toEqual({ ok: false, error: "not-allowed" });
    expect(await peer.session.publish(await descriptorOf(peer.key, clock.now()))).toEqual({
      ok: false,
      error: "not-joined",
    });
  });

  it("refuses a join that was right on another connection", async () => {
    const key = await freshKey();
    const [first, second] = [connect(key), connect(key)];
    const request = await first.request("relay");
    expect(await first.session.join(request)).toMatchObject({ ok: true });
    expect(await second.session.join(request)).toEqual({ ok: false, error: "not-authentic" });
  });

  it("refuses a second join, also while the first is being checked", async () => {
    const peer = connect(await freshKey());
    const request = await peer.request("relay");
    const answers = await Promise.all([peer.session.join(request), peer.session.join(request)]);
    expect(answers).toMatchObject([{ ok: true }, { ok: false, error: "not-allowed" }]);
    expect(await peer.join("client")).toEqual({ ok: false, error: "not-allowed" });
  });

  it("refuses an expired challenge, and closes connections that do not join in 30 s", async () => {
    const late = connect(await freshKey());
    const request = await late.request("relay");
    await clock.advance(29_999);
    expect(late.isClosed).toBe(false);
    await clock.advance(1);
    expect(late.isClosed).toBe(true);
    expect(await late.session.join(request)).toEqual({ ok: false, error: "not-allowed" });

    // A clock that jumps (a suspended machine) passes the expiry before any timer has run.
    const other = connect(await freshKey());
    const now = clock.now.bind(clock);
    clock.now = () => now() + 30_000;
    expect(await other.join("relay")).toEqual({ ok: false, error: "expired" });
  });

  it("leaves nobody behind who was lost while the signature was checked", async () => {
    const peer = connect(await freshKey());
    const request = await peer.request("relay");
    const answer = peer.session.join(request);
    peer.close();
    expect(await answer).toEqual({ ok: false, error: "expired" });
    const client = await joined("client");
    const to = relayAddress(peer.key.id);
    expect(client.session.signal({ to, blob: Uint8Array.of(1) })).toEqual({
      ok: false,
      error: "unknown-peer",
    });
  });

  it("counts a relay that comes back after minutes as here since before, but for those minutes", async () => {
    const relays = new MemoryRelays();
    directory = new Directory({
      identity,
      startConsensuses: soleAuthority(identity, { clock, log: silentLog }),
      relays,
      ...{ clock, random: new SeededRandom(1), log: silentLog },
    });
    const before = await publishedRelay();
    const { id } = before.key;
    const since = relays.get(id)?.since ?? 0;
    await clock.advance(3_600_000);
    before.close();
    expect(relays.get(id)).toBeUndefined();
    await clock.advance(120_000);
    const after = connect(before.key);
    await after.join("relay");
    await after.session.publish(await descriptorOf(before.key, clock.now()));
    expect(relays.get(id)).toMatchObject({ since: since + 120_000, joinedAt: clock.now() });
  });

  it("replaces a relay's older connection, and keeps the relay listed", async () => {
    const older = await publishedRelay();
    const newer = connect(older.key);
    expect(await newer.join("relay")).toMatchObject({ ok: true });
    expect(older.isClosed).toBe(true);
    const client = await joined("client");
    await client.session.signal({ to: relayAddress(older.key.id), blob: Uint8Array.of(1) });
    expect([older.signals, newer.signals]).toMatchObject([[], [{ blob: Uint8Array.of(1) }]]);
    await clock.advance(2000);
    expect(await listed(client)).toContain(older.key.id);
    newer.close();
    await clock.advance(2000);
    expect(await listed(client)).not.toContain(older.key.id);
  });
});

describe("publishing", () => {
  it("lists a relay once it has published", async () => {
    const client = await joined("client");
    const relay = await joined("relay");
    await clock.advance(2000);
    expect(await listed(client)).toEqual(new Set());
    await relay.session.publish(await descriptorOf(relay.key, clock.now()));
    await clock.advance(2000);
    expect(await listed(client)).toEqual(new Set([relay.key.id]));
  });

  it.each([
    ["8.9.10.11", [8, 9]],
    ["::ffff:8.9.10.11", [8, 9]],
    ["::ffff:127.0.0.1", []],
    ["2a00:1234::1", [0x2a, 0, 0x12, 0x34]],
  ])("says which network a relay at %s was seen in", async (address, network) => {
    const relay = connect(await freshKey(), address);
    await relay.join("relay");
    await relay.session.publish(await descriptorOf(relay.key, clock.now()));
    await clock.advance(2000);
    const consensus = await verified(relay);
    expect(consensus.relaysById.get(relay.key.id)?.network).toEqual(Uint8Array.from(network));
  });

  it("takes descriptors only from relays, only their own, and only valid ones", async () => {
    const relay = await joined("relay");
    const publish = async (bytes: Uint8Array) => relay.session.publish(bytes);
    const own = await descriptorOf(relay.key, clock.now());
    const other = await descriptorOf(await freshKey(), clock.now());
    expect(await publish(other)).toEqual({ ok: false, error: "not-authentic" });
    expect(await publish(own.with(-1, (own.at(-1) ?? 0) ^ 1))).toEqual({ ok: false, error: "not-authentic" });
    expect(await publish(own.subarray(1))).toEqual({ ok: false, error: "malformed" });
    expect(await publish(await descriptorOf(relay.key, clock.now() - 86_400_001))).toEqual({
      ok: false,
      error: "expired",
    });
    const client = await joined("client");
    expect(await client.session.publish(await descriptorOf(client.key, clock.now()))).toEqual({
      ok: false,
      error: "not-allowed",
    });
    const nobody = connect(await freshKey());
    expect(await nobody.session.publish(own)).toEqual({ ok: false, error: "not-joined" });
  });
});

describe("the consensus", () => {
  it("is there for whoever joins", async () => {
    const client = await joined("client");
    await clock.settle();
    expect(await listed(client)).toEqual(new Set());
  });

  it("of a burst of joins is one", async () => {
    const client = await joined("client");
    await clock.advance(5000);
    const before = client.consensuses.length;
    const relays = [];
    for (let i = 0; i < 10; i++) relays.push(await publishedRelay());
    await clock.advance(1000);
    expect(client.consensuses).toHaveLength(before + 1);
    expect(await listed(client)).toEqual(new Set(relays.map(({ key }) => key.id)));
  });

  it("comes at most once a second however often relays publish", async () => {
    const client = await joined("client");
    const relay = await joined("relay");
    await clock.advance(5000);
    const before = client.consensuses.length;
    for (let i = 0; i < 50; i++) {
      await relay.session.publish(await descriptorOf(relay.key, clock.now()));
      await clock.advance(100);
    }
    expect(client.consensuses.length - before).toBeLessThanOrEqual(6);
  });

  it("lacks a relay that has left", async () => {
    const client = await joined("client");
    const [staying, leaving] = [await publishedRelay(), await publishedRelay()];
    await clock.advance(2000);
    expect(await listed(client)).toEqual(new Set([staying.key.id, leaving.key.id]));
    leaving.close();
    await clock.advance(2000);
    expect(await listed(client)).toEqual(new Set([staying.key.id]));
  });

  it("is renewed while it is fresh, and each names the one before", async () => {
    const client = await joined("client");
    await clock.settle();
    for (let i = 0; i < 20; i++) {
      await clock.advance(60_000);
      const consensus = await verified(client);
      expect(consensus.freshUntil).toBeGreaterThan(clock.now());
    }
    const digests = client.consensuses.map((bytes) => Buffer.from(bytes.subarray(25, 57)).toString("hex"));
    expect(new Set(digests).size).toBe(digests.length);
  });

  it("is no longer made when the directory is closed", async () => {
    const client = await joined("client");
    await directory.close();
    expect(client.isClosed).toBe(true);
    const before = client.consensuses.length;
    await clock.advance(600_000);
    expect(client.consensuses).toHaveLength(before);
    expect(clock.waiting).toBe(0);
  });
});

describe("signals", () => {
  const blob = Uint8Array.of(1, 2, 3);

  it("go from clients to relays and back, with the sender's address", async () => {
    const [client, relay] = [await joined("client"), await joined("relay")];
    expect(client.session.signal({ to: relayAddress(relay.key.id), blob })).toEqual({ ok: true });
    const [received] = relay.signals;
    if (!received) throw new Error("nothing received");
    expect(received.blob).toEqual(blob);
    expect(relay.session.signal({ to: received.from, blob })).toEqual({ ok: true });
    expect(client.signals).toEqual([{ from: relayAddress(relay.key.id), blob }]);
  });

  it("do not go to unknown peers, nor to those who do not read, nor between clients, nor before joining", async () => {
    const [one, two, relay] = [await joined("client"), await joined("client"), await joined("relay")];
    const unknown = relayAddress((await freshKey()).id);
    expect(one.session.signal({ to: unknown, blob })).toEqual({ ok: false, error: "unknown-peer" });
    await two.session.signal({ to: relayAddress(relay.key.id), blob });
    const to = relay.signals[0]?.from ?? clientAddress(new Uint8Array(16));
    expect(one.session.signal({ to, blob })).toEqual({ ok: false, error: "not-allowed" });
    relay.reads = false;
    expect(one.session.signal({ to: relayAddress(relay.key.id), blob })).toEqual({
      ok: false,
      error: "unknown-peer",
    });
    expect(connect(await freshKey()).session.signal({ to, blob })).toEqual({
      ok: false,
      error: "not-joined",
    });
    expect(two.signals).toEqual([]);
  });
});
