/** A network that lets its members in alone: the real programs, and the operator's command line (SPEC §9.6). */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { expect, test } from "@playwright/test";
import { blindToken, challengeDigest, encodeToken, importTokenKey } from "@tabor/blind-tokens";
import { type SigningKey, verifyConsensus } from "@tabor/onion-core";
import { parseInvite } from "@tabor/signal-protocol";
import { type RunningDirectory, startDirectory } from "./fixtures/directory.ts";
import { connectTo, join, newKey, signJoin } from "./fixtures/joining.ts";
import { members } from "./fixtures/members.ts";
import { Program } from "./fixtures/program.ts";

const REFUSED = { ok: false, error: "not-authentic" };
let state: string;

test.beforeAll(async () => {
  state = await mkdtemp(joinPath(tmpdir(), "tabor-members-"));
});
test.afterAll(() => rm(state, { recursive: true }));

/** What a program that is not let in tells: which key its operator has to add. */
const ADVICE = /members -- add ([\w-]{43})$/;

/** How many tokens a relay has kept as spent (SPEC §9.7), by the 32 bytes of each. */
async function spentAt(relay: string): Promise<number> {
  const folder = joinPath(state, relay, "spent-tokens");
  const sizes = (await readdir(folder)).map(async (name) => (await stat(joinPath(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size / 32, 0);
}

test("members only: who is added is let in, and its circuits begin at guards that it showed tokens", async () => {
  const directory = await startDirectory(undefined, "members");
  const common = ["--directory", directory.url, "--authority", directory.authority, "--log-level", "debug"];
  const program = (name: string, kind: string, ...args: string[]) => {
    const own = ["--state", joinPath(state, name)];
    return new Program({ name, script: `apps/node/dist/${kind}.js`, args: [...common, ...own, ...args] });
  };
  const relays = [program("relay", "relay"), program("another", "relay"), program("exit", "exit")];
  const socks = program("socks", "socks", "--port", "0");
  const keys = await Promise.all([...relays, socks].map(async (one) => (await one.line(ADVICE))[1] ?? ""));
  await Promise.all(keys.map((key, i) => members(directory, "add", key, "--name", `number ${String(i)}`)));
  expect(await members(directory, "list")).toContain("number 3");
  await Promise.all(relays.map((relay) => relay.line(/^(relay|exit) \S+ has joined the network/)));
  await socks.line(/^Bootstrapped 100 %/);
  const spent = await Promise.all(["relay", "another", "exit"].map(spentAt));
  expect(Math.max(...spent)).toBeGreaterThanOrEqual(1);
  expect(spent.every(Number.isInteger)).toBe(true);

  await members(directory, "revoke", keys[0] ?? "");
  await relays[0]?.line(/the connection to the directory ended/);
  const refusals = () => socks.text.split("this network lets members in only").length;
  const before = refusals();
  await members(directory, "revoke", keys[3] ?? "");
  // Its session was nobody's: it ends because everybody's tokens do, and it gets no others.
  await socks.line(/the connection to the directory ended/);
  await expect.poll(refusals, { timeout: 60_000 }).toBeGreaterThan(before);
  await Promise.all([...relays, socks].map((one) => one.stop()));
  await directory.stop();
});

/** A member's session, in which it has drawn a token of this session key for this place. */
async function draw(directory: RunningDirectory, member: SigningKey, session: SigningKey) {
  const connection = await connectTo(directory.url);
  const answer = await join(connection, await signJoin(connection, member, { role: "member" }));
  expect(answer).toMatchObject({ ok: true });
  await expect.poll(() => connection.consensuses.length, { timeout: 60_000 }).toBeGreaterThan(0);
  const bytes = new Uint8Array(connection.consensuses.at(-1) ?? new Uint8Array(0));
  const { issuers } = await verifyConsensus(bytes, { authorities: [directory.authority], now: Date.now() });
  const issuer = issuers.at(-1);
  if (issuer === undefined) throw new Error("no issuer is announced");
  const key = await importTokenKey(issuer);
  const digest = await challengeDigest({ issuer: issuer.authority, origin: directory.authority });
  const blind = await blindToken({ nonce: session.publicKey, challengeDigest: digest, keyId: key.id }, key);
  const drawn = await connection.socket.emitWithAck("draw", {
    key: Uint8Array.from(key.id),
    blinded: Uint8Array.from(blind.blinded),
  });
  if (!drawn.ok) throw new Error(`no token: ${drawn.error}`);
  const token = encodeToken(await blind.finish(new Uint8Array(drawn.signatures)));
  return { connection, token };
}

test("a token lets in once; who is revoked gets no new ones, loses its sessions, and has nothing left", async () => {
  const directory = await startDirectory(undefined, "members");
  const [member, stranger, session, other] = await Promise.all([newKey(), newKey(), newKey(), newKey()]);
  const attempt = async (key: SigningKey, role: "client" | "member", token?: Uint8Array) => {
    const connection = await connectTo(directory.url);
    const request = await signJoin(connection, key, { role });
    const answer = await join(connection, { ...request, ...(token !== undefined && { token }) });
    return { connection, answer };
  };
  for (const role of ["client", "member"] as const) {
    expect((await attempt(stranger, role)).answer).toEqual(REFUSED);
  }
  await members(directory, "add", member.id);
  expect((await attempt(member, "client")).answer).toEqual(REFUSED);
  const first = await draw(directory, member, session);
  const unspent = await draw(directory, member, other);
  const client = await attempt(session, "client", first.token);
  expect(client.answer).toMatchObject({ ok: true });
  expect((await attempt(session, "client", first.token)).answer).toEqual(REFUSED);

  await members(directory, "revoke", member.id);
  await Promise.all([first.connection.disconnected, client.connection.disconnected]);
  expect((await attempt(member, "member")).answer).toEqual(REFUSED);
  expect((await attempt(other, "client", unspent.token)).answer).toEqual(REFUSED);
  await directory.stop();
});

test("by invitation: a code is good once, and makes its key a member", async () => {
  const directory = await startDirectory(undefined, "invite");
  const text = await members(directory, "invite", "--name", "for a friend");
  const invite = parseInvite(text.trim());
  const [friend, other] = [await newKey(), await newKey()];
  const joinAs = async (key: typeof friend, code?: Uint8Array) => {
    const connection = await connectTo(directory.url);
    const request = await signJoin(connection, key, { role: "member" });
    const answer = await join(connection, { ...request, ...(code !== undefined && { invite: code }) });
    connection.socket.disconnect();
    return answer;
  };
  expect(await joinAs(friend)).toEqual(REFUSED);
  expect(await joinAs(friend, invite)).toMatchObject({ ok: true });
  expect(await joinAs(other, invite)).toEqual(REFUSED);
  expect(await joinAs(friend)).toMatchObject({ ok: true });
  expect(await members(directory, "list")).toMatch(new RegExp(`^${friend.id} .*for a friend$`, "m"));
  await directory.stop();
});
