import { blindToken, challengeDigest, encodeToken, importTokenKey } from "@tabor/blind-tokens";
import { relayId, type RelayId, type SigningKey, silentLog, verifyConsensus } from "@tabor/onion-core";
import { SeededRandom, TEST_NOW, VirtualClock } from "@tabor/onion-core/testing";
import {
  type AdmissionMode,
  type JoinFields,
  type JoinRequest,
  MAX_DRAW,
  relayAddress,
  TOKENS_PER_EPOCH,
  voucherTranscript,
} from "@tabor/signal-protocol";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { soleAuthority } from "../directory/sole-authority.ts";
import { Directory } from "../directory/directory.ts";
import { descriptorOf, freshKey, MemoryPeer } from "../testing/memory-peer.ts";
import { MemoryRegister } from "../testing/memory-register.ts";
import { closedAdmission } from "./admission.ts";
import { type BlindSigner, blindSigner } from "./blind-signer.ts";
import { TokenOffice } from "./token-office.ts";

const REFUSED = { ok: false, error: "not-authentic" };
const CODE = new Uint8Array(16).fill(5);
let clock: VirtualClock;
let register: MemoryRegister;
let office: TokenOffice;
let connections = 0;
/** A key of each epoch. */
let signers: readonly BlindSigner[];

beforeAll(async () => {
  signers = await Promise.all([blindSigner(), blindSigner(), blindSigner()]);
}, 120_000);

beforeEach(() => {
  clock = new VirtualClock(TEST_NOW);
  register = new MemoryRegister();
});

async function closedDirectory(mode: Exclude<AdmissionMode, "open">): Promise<Directory> {
  const identity = await freshKey();
  const left = [...signers];
  office = await TokenOffice.open({
    ...{ authority: identity.id, clock, log: silentLog },
    newSigner: () => Promise.resolve(left.shift() ?? Promise.reject(new Error("no more keys"))),
    changed: (change) => {
      directory.issuersChanged(change);
    },
  });
  const directory = new Directory({
    identity,
    startConsensuses: soleAuthority(identity, { issuers: () => office.keys, clock, log: silentLog }),
    admission: closedAdmission({ mode, register, office }),
    clock,
    random: new SeededRandom(1),
    log: silentLog,
  });
  register.onRevoked((key) => {
    directory.revoke(key);
    office.revoked(key);
  });
  await clock.settle();
  return directory;
}

const connect = (directory: Directory, key: SigningKey) =>
  new MemoryPeer(directory, key, `connection-${connections++}`);

/** A relay's request with a member's word for it; `fields` replaces what the member signs. */
async function vouched(
  peer: MemoryPeer,
  member: SigningKey,
  fields: Partial<JoinFields> = {},
): Promise<JoinRequest> {
  const request = await peer.request("relay");
  const { challenged } = peer;
  if (!challenged) throw new Error("not challenged");
  const own: JoinFields = {
    directory: challenged.directory,
    directoryNonce: challenged.nonce,
    expires: challenged.expires,
    admission: challenged.admission,
    role: "relay",
    key: request.key,
    peerNonce: request.nonce,
    connectionId: peer.connectionId,
  };
  const signature = await member.sign(voucherTranscript({ ...own, ...fields }));
  return { ...request, voucher: { member: member.publicKey, signature } };
}

describe.each(["invite", "members"] as const)("a network for members (%s)", (mode) => {
  it("says so in its challenge, lets in who is registered, and tells a stranger nothing", async () => {
    const directory = await closedDirectory(mode);
    const key = await freshKey();
    expect(connect(directory, key).challenged?.admission).toBe(mode);
    expect(await connect(directory, key).join("relay")).toEqual(REFUSED);
    register.members.add(key.id);
    expect(await connect(directory, key).join("relay")).toMatchObject({ ok: true });
    const forger = connect(directory, key);
    const request = await forger.request("relay", { peerNonce: new Uint8Array(32) });
    expect(await forger.session.join(request)).toEqual(REFUSED);
  });

  it("ends the sessions of a revoked member at once, and no others; a revoked relay is not listed", async () => {
    const directory = await closedDirectory(mode);
    const [member, friend] = [await freshKey(), await freshKey()];
    for (const { id } of [member, friend]) register.members.add(id);
    const relay = connect(directory, member);
    const vouchedFor = connect(directory, await freshKey());
    const other = connect(directory, friend);
    for (const peer of [relay, other]) expect(await peer.join("relay")).toMatchObject({ ok: true });
    expect(await vouchedFor.session.join(await vouched(vouchedFor, member))).toMatchObject({ ok: true });
    expect(await relay.session.publish(await descriptorOf(member, clock.now()))).toEqual({ ok: true });
    register.revoke(member.id);
    expect([relay.isClosed, vouchedFor.isClosed, other.isClosed]).toEqual([true, true, false]);
    expect(await relay.session.publish(await descriptorOf(member, clock.now()))).toEqual({
      ok: false,
      error: "not-joined",
    });
    expect(await connect(directory, member).join("relay")).toEqual(REFUSED);
  });

  it("ends the session of a member that is revoked while it joins", async () => {
    const directory = await closedDirectory(mode);
    const key = await freshKey();
    register.members.add(key.id);
    const peer = connect(directory, key);
    const request = await peer.request("relay");
    // Looked up, and gone before the session is there.
    const has = register.has.bind(register);
    let looks = 0;
    register.has = (id) => (looks++ === 0 ? Promise.resolve(true) : has(id));
    register.members.delete(key.id);
    await peer.session.join(request);
    await clock.settle();
    expect(peer.isClosed).toBe(true);
  });

  it("lets in a relay that a member vouches for, on this connection and for this relay", async () => {
    const directory = await closedDirectory(mode);
    const [member, relay, other] = [await freshKey(), await freshKey(), await freshKey()];
    register.members.add(member.id);
    const bad: Partial<JoinFields>[] = [
      { key: other.publicKey },
      { connectionId: "elsewhere" },
      { directoryNonce: new Uint8Array(32) },
      { role: "client" },
    ];
    for (const fields of bad) {
      const peer = connect(directory, relay);
      expect(await peer.session.join(await vouched(peer, member, fields))).toEqual(REFUSED);
    }
    const stranger = connect(directory, relay);
    expect(await stranger.session.join(await vouched(stranger, other))).toEqual(REFUSED);
    const peer = connect(directory, relay);
    expect(await peer.session.join(await vouched(peer, member))).toMatchObject({ ok: true });
  });
});

describe("tokens", () => {
  /** A member's session, and one token that it draws for `origin` with this nonce. */
  async function draw(
    directory: Directory,
    member: SigningKey,
    { origin, nonce }: { origin?: RelayId; nonce: Uint8Array },
  ) {
    const peer = connect(directory, member);
    expect(await peer.join("member")).toMatchObject({ ok: true });
    const identity = relayId(peer.challenged?.directory ?? nonce);
    const [issuer] = office.keys.slice(-1);
    const key = await importTokenKey(issuer ?? { modulus: new Uint8Array(0) });
    const digest = await challengeDigest({ issuer: identity, origin: origin ?? identity });
    const blind = await blindToken({ nonce, challengeDigest: digest, keyId: key.id }, key);
    const answer = await peer.session.draw({ key: key.id, blinded: blind.blinded });
    if (!answer.ok) return { peer, error: answer.error };
    return { peer, token: encodeToken(await blind.finish(answer.signatures)) };
  }

  async function joinBy(directory: Directory, session: SigningKey, token: Uint8Array | undefined) {
    const peer = connect(directory, session);
    const request = await peer.request("client");
    return { peer, answer: await peer.session.join({ ...request, ...(token && { token }) }) };
  }

  it("let in a client that shows no member key, once each, and only with the key that they name", async () => {
    const directory = await closedDirectory("members");
    const [member, session, thief] = [await freshKey(), await freshKey(), await freshKey()];
    register.members.add(member.id);
    const { token } = await draw(directory, member, { nonce: session.publicKey });
    expect((await joinBy(directory, thief, token)).answer).toEqual(REFUSED);
    expect((await joinBy(directory, session, token)).answer).toMatchObject({ ok: true });
    expect((await joinBy(directory, session, token)).answer).toEqual(REFUSED);
    const { token: elsewhere } = await draw(directory, member, {
      origin: thief.id,
      nonce: session.publicKey,
    });
    expect((await joinBy(directory, session, elsewhere)).answer).toEqual(REFUSED);
    // And not the member's own key either: a client that showed it would be known.
    expect((await joinBy(directory, member, undefined)).answer).toEqual(REFUSED);
  });

  it("are for members' sessions to draw, which do nothing else", async () => {
    const directory = await closedDirectory("members");
    const [member, session] = [await freshKey(), await freshKey()];
    register.members.add(member.id);
    const { peer, token } = await draw(directory, member, { nonce: session.publicKey });
    const blob = new Uint8Array(1);
    const notAllowed = { ok: false, error: "not-allowed" };
    const [to] = [relayAddress((await freshKey()).id)];
    expect(peer.session.signal({ to, blob })).toEqual(notAllowed);
    expect(await peer.session.publish(await descriptorOf(member, clock.now()))).toEqual(notAllowed);
    const { peer: client } = await joinBy(directory, session, token);
    const request = { key: new Uint8Array(32), blinded: new Uint8Array(256) };
    expect(await client.session.draw(request)).toEqual(notAllowed);
    expect(await peer.session.draw(request)).toEqual({ ok: false, error: "expired" });
    expect(client.session.signal({ to, blob })).toEqual({ ok: false, error: "unknown-peer" });
  });

  it("are not without end, and what is signed is a number below the modulus", async () => {
    const directory = await closedDirectory("members");
    const member = await freshKey();
    register.members.add(member.id);
    const peer = connect(directory, member);
    await peer.join("member");
    const { id: key } = await importTokenKey(office.keys[0] ?? { modulus: new Uint8Array(0) });
    const blinded = new Uint8Array(MAX_DRAW * 256);
    for (let at = 255; at < blinded.length; at += 256) blinded[at] = 2;
    for (let drawn = 0; drawn < TOKENS_PER_EPOCH; drawn += MAX_DRAW) {
      expect(await peer.session.draw({ key, blinded })).toMatchObject({ ok: true });
    }
    expect(await peer.session.draw({ key, blinded: blinded.slice(0, 256) })).toEqual({
      ok: false,
      error: "rate-limited",
    });
    const other = await freshKey();
    register.members.add(other.id);
    const second = connect(directory, other);
    await second.join("member");
    const tooLarge = new Uint8Array(256).fill(0xff);
    expect(await second.session.draw({ key, blinded: tooLarge })).toEqual({ ok: false, error: "malformed" });
  });

  it("lose their value when a member who drew some is revoked: it gets no new ones and no session", async () => {
    const directory = await closedDirectory("members");
    const [member, friend, session, other] = (await Promise.all([1, 2, 3, 4].map(freshKey))) as [
      SigningKey,
      SigningKey,
      SigningKey,
      SigningKey,
    ];
    for (const { id } of [member, friend]) register.members.add(id);
    const { token } = await draw(directory, member, { nonce: session.publicKey });
    const { token: kept } = await draw(directory, member, { nonce: other.publicKey });
    const { peer: client } = await joinBy(directory, session, token);
    const [before] = office.keys;
    register.revoke(member.id);
    await clock.settle();
    expect(client.isClosed).toBe(true);
    expect(office.keys).toHaveLength(1);
    expect(office.keys[0]?.modulus).not.toEqual(before?.modulus);
    expect((await joinBy(directory, other, kept)).answer).toEqual(REFUSED);
    expect(await connect(directory, member).join("member")).toEqual(REFUSED);
    await clock.advance(2000);
    const { peer: witness, token: fresh } = await draw(directory, friend, { nonce: session.publicKey });
    expect((await joinBy(directory, session, fresh)).answer).toMatchObject({ ok: true });
    const told = await verifyConsensus(witness.consensuses.at(-1) ?? new Uint8Array(0), {
      authorities: [relayId(witness.challenged?.directory ?? new Uint8Array(0))],
      now: clock.now(),
    });
    expect(told.issuers.map(({ modulus }) => modulus)).toEqual(office.keys.map(({ modulus }) => modulus));
  });

  it("are kept when a member is revoked that never drew any", async () => {
    await closedDirectory("members");
    const idle = await freshKey();
    register.members.add(idle.id);
    const [before] = office.keys;
    register.revoke(idle.id);
    await clock.settle();
    expect(office.keys).toEqual([before]);
  });
});

describe("invitations", () => {
  it("register a key for good, and only one", async () => {
    const directory = await closedDirectory("invite");
    const [first, second] = [await freshKey(), await freshKey()];
    register.codes.add(String(CODE));
    const invited = connect(directory, first);
    expect(await invited.session.join({ ...(await invited.request("relay")), invite: CODE })).toMatchObject({
      ok: true,
    });
    const late = connect(directory, second);
    expect(await late.session.join({ ...(await late.request("relay")), invite: CODE })).toEqual(REFUSED);
    expect(await connect(directory, first).join("relay")).toMatchObject({ ok: true });
  });

  it("are not spent by a signature that is wrong, nor by a member", async () => {
    const directory = await closedDirectory("invite");
    const [key, member] = [await freshKey(), await freshKey()];
    register.members.add(member.id);
    register.codes.add(String(CODE));
    const forger = connect(directory, key);
    await forger.session.join({ ...(await forger.request("relay", { role: "client" })), invite: CODE });
    const known = connect(directory, member);
    await known.session.join({ ...(await known.request("relay")), invite: CODE });
    expect(register.codes.size).toBe(1);
  });

  it("are worth nothing where only the operator adds members", async () => {
    const directory = await closedDirectory("members");
    register.codes.add(String(CODE));
    const peer = connect(directory, await freshKey());
    expect(await peer.session.join({ ...(await peer.request("relay")), invite: CODE })).toEqual(REFUSED);
    expect(register.codes.size).toBe(1);
  });
});
