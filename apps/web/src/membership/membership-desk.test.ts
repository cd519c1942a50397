import { generateSigningKey, TaborError } from "@tabor/onion-core";
import type { AdmissionMode, MemberCredential } from "@tabor/rtc-link";
import { inviteText } from "@tabor/signal-protocol";
import { expect, test, vi } from "vitest";
import { LOADING } from "../services/lazy-network.ts";
import type { NetworkState } from "../services/network.ts";
import { Store } from "../services/store.ts";
import { memoryMemberKeys } from "../testing/memory-member-keys.ts";
import { MembershipDesk, type MembershipDeskInit } from "./membership-desk.ts";

const CODE = new Uint8Array(16).fill(7);
const stranger = new TaborError("not-a-member", "directory", "this network lets members in only");
const out: Partial<NetworkState> = {
  admission: "invite",
  directory: { phase: "lost", reason: stranger, retryAt: 0 },
};
const joined: Partial<NetworkState> = { directory: { phase: "joined", problem: undefined } };

async function setUp(redeem: MembershipDeskInit["redeem"] = () => Promise.reject(stranger)) {
  const { key } = await generateSigningKey();
  const network = new Store<NetworkState>(LOADING);
  const keys = memoryMemberKeys(key);
  const retry = vi.fn();
  const desk = new MembershipDesk({ network, keys, redeem, retry });
  const says = (change: Partial<NetworkState>): void => {
    network.value = { ...network.value, ...change };
  };
  return { desk, key, keys, retry, says };
}

/** What a server does that knows the code. */
const welcome =
  (admission: AdmissionMode, shown: MemberCredential[] = []) =>
  async (member: MemberCredential) => {
    if (admission !== "open") await member.key();
    shown.push(member);
    return admission;
  };

test("nothing is known before a server has spoken, and an open network asks for nothing", async () => {
  const { desk, says, keys } = await setUp();
  expect(desk.state.value).toEqual({ standing: "unknown", invitation: { name: "none" }, key: undefined });
  says({ admission: "open", ...joined });
  await vi.waitFor(() => {
    expect(desk.state.value.standing).toBe("open");
  });
  expect(await keys.load()).toBeUndefined();
});

test("a stranger makes a key, and is a member once the network lets it in; no member any more is told apart", async () => {
  const { desk, key, retry, says } = await setUp();
  says(out);
  await vi.waitFor(() => {
    expect(desk.state.value.standing).toBe("outside");
  });
  expect(desk.state.value.key).toBeUndefined();
  await desk.makeKey();
  expect(retry).toHaveBeenCalledOnce();
  expect(desk.state.value.key).toEqual({ id: key.id, isKept: true });
  says(joined);
  await vi.waitFor(() => {
    expect(desk.state.value.standing).toBe("member");
  });
  says(out);
  await vi.waitFor(() => {
    expect(desk.state.value.standing).toBe("revoked");
  });
});

test("an invitation is used when the person says so, with the key of this browser", async () => {
  const shown: MemberCredential[] = [];
  const { desk, key, retry } = await setUp(welcome("invite", shown));
  desk.invited(inviteText(CODE));
  expect(desk.state.value.invitation).toEqual({ name: "offered" });
  expect(shown).toEqual([]);
  await desk.accept();
  expect(shown[0]?.invite).toEqual(CODE);
  expect(desk.state.value).toEqual({
    ...{ standing: "member", invitation: { name: "none" } },
    key: { id: key.id, isKept: true },
  });
  expect(retry).toHaveBeenCalledOnce();
});

test("in an open network an invitation makes no key", async () => {
  const { desk, keys } = await setUp(welcome("open"));
  desk.invited(inviteText(CODE));
  await desk.accept();
  expect(desk.state.value.standing).toBe("open");
  expect(await keys.load()).toBeUndefined();
});

test("an invitation that is refused is gone; one that nobody answered can be used again", async () => {
  const problem = new TaborError("timeout", "directory", "no sign");
  const answers = [problem, stranger];
  const { desk } = await setUp(() => Promise.reject(answers.shift() ?? new Error("asked again")));
  desk.invited(inviteText(CODE));
  await desk.accept();
  expect(desk.state.value.invitation).toEqual({ name: "failed", problem });
  await desk.accept();
  expect(desk.state.value.invitation).toEqual({ name: "refused" });
  await desk.accept();
  expect(desk.state.value.invitation).toEqual({ name: "refused" });
});

test("an invitation that is put away is not used, and a link without a code says so", async () => {
  const shown: MemberCredential[] = [];
  const { desk } = await setUp(welcome("invite", shown));
  desk.invited(inviteText(CODE));
  desk.decline();
  await desk.accept();
  expect(shown).toEqual([]);
  desk.invited("nonsense");
  expect(desk.state.value.invitation).toEqual({ name: "unreadable" });
});
