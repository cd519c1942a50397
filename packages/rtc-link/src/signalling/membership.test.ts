import { generateSigningKey } from "@tabor/onion-core";
import { expect, it } from "vitest";
import { joinerOf } from "./membership.ts";

const fresh = async () => (await generateSigningKey()).key;
const unasked = () => Promise.reject(new Error("the member's key was asked for"));
const invite = new Uint8Array(16);
const descriptor = () => Promise.resolve(new Uint8Array(0));

it("takes a new key for each session of a client of an open network, which never learns the member's", async () => {
  const membership = { role: "client", member: { key: unasked, invite } } as const;
  const [first, second] = [await joinerOf(membership, "open"), await joinerOf(membership, "open")];
  expect(first.key.id).not.toBe(second.key.id);
  expect(first).toEqual({ role: "client", key: first.key });
  const relay = { role: "relay", identity: await fresh(), voucher: unasked, invite, descriptor } as const;
  expect(await joinerOf(relay, "open")).toEqual({ role: "relay", key: relay.identity });
});

it.each(["invite", "members"] as const)("shows the member's key where it must (%s)", async (admission) => {
  const [identity, member] = [await fresh(), await fresh()];
  const key = () => Promise.resolve(member);
  expect(await joinerOf({ role: "client", member: { key, invite } }, admission)).toEqual({
    ...{ role: "client", key: member, invite },
  });
  const relay = { role: "relay", identity, descriptor } as const;
  expect(await joinerOf(relay, admission)).toMatchObject({ key: identity, voucher: undefined });
  expect(await joinerOf({ ...relay, voucher: key }, admission)).toMatchObject({
    key: identity,
    voucher: member,
  });
  await expect(joinerOf({ role: "client" }, admission)).rejects.toMatchObject({ code: "not-authentic" });
});
