import { generateSigningKey } from "@tabor/onion-core";
import type { AdmissionMode, Challenge } from "@tabor/signal-protocol";
import { expect, it } from "vitest";
import { joinerOf } from "./membership.ts";

const fresh = async () => (await generateSigningKey()).key;
const unasked = () => Promise.reject(new Error("the member's key was asked for"));
const invite = new Uint8Array(16);
const descriptor = () => Promise.resolve(new Uint8Array(0));

function challenge(admission: AdmissionMode): Challenge {
  return { directory: new Uint8Array(32), nonce: new Uint8Array(32), expires: 1, admission };
}

it("takes a new key for each session of a client of an open network, which never learns the member's", async () => {
  const membership = { role: "client", member: { key: unasked, invite } } as const;
  const tokens = { joiner: unasked };
  const join = () => joinerOf(membership, challenge("open"), tokens);
  const [first, second] = [await join(), await join()];
  expect(first.key.id).not.toBe(second.key.id);
  expect(first).toEqual({ role: "client", key: first.key });
  const relay = { role: "relay", identity: await fresh(), voucher: unasked, invite, descriptor } as const;
  expect(await joinerOf(relay, challenge("open"), undefined)).toEqual({ role: "relay", key: relay.identity });
});

it.each(["invite", "members"] as const)(
  "a client never signals as a member, a relay may (%s)",
  async (mode) => {
    const [identity, member, session] = [await fresh(), await fresh(), await fresh()];
    const token = new Uint8Array(354);
    const tokens = { joiner: () => Promise.resolve({ role: "client", key: session, token } as const) };
    const client = { role: "client", member: { key: unasked, invite } } as const;
    expect(await joinerOf(client, challenge(mode), tokens)).toEqual({ role: "client", key: session, token });
    const relay = { role: "relay", identity, descriptor } as const;
    expect(await joinerOf(relay, challenge(mode), undefined)).toMatchObject({
      key: identity,
      voucher: undefined,
    });
    const vouched = { ...relay, voucher: () => Promise.resolve(member) };
    expect(await joinerOf(vouched, challenge(mode), undefined)).toMatchObject({
      key: identity,
      voucher: member,
    });
    await expect(joinerOf({ role: "client" }, challenge(mode), undefined)).rejects.toMatchObject({
      code: "not-a-member",
    });
  },
);
