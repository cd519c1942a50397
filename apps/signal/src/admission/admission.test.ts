import { type SigningKey, silentLog } from "@tabor/onion-core";
import { SeededRandom, TEST_NOW, VirtualClock } from "@tabor/onion-core/testing";
import {
  type AdmissionMode,
  type JoinFields,
  type JoinRequest,
  voucherTranscript,
} from "@tabor/signal-protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { consensusMaker } from "../directory/consensus-maker.ts";
import { Directory } from "../directory/directory.ts";
import { descriptorOf, freshKey, MemoryPeer } from "../testing/memory-peer.ts";
import { MemoryRegister } from "../testing/memory-register.ts";
import { closedAdmission } from "./admission.ts";

const REFUSED = { ok: false, error: "not-authentic" };
const CODE = new Uint8Array(16).fill(5);
let clock: VirtualClock;
let register: MemoryRegister;
let connections = 0;

beforeEach(() => {
  clock = new VirtualClock(TEST_NOW);
  register = new MemoryRegister();
});

async function closedDirectory(mode: Exclude<AdmissionMode, "open">): Promise<Directory> {
  const identity = await freshKey();
  const directory = new Directory({
    identity,
    makeConsensus: consensusMaker(identity, clock),
    admission: closedAdmission(mode, register),
    clock,
    random: new SeededRandom(1),
    log: silentLog,
  });
  register.onRevoked((key) => {
    directory.revoke(key);
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
