/** A network that lets its members in alone: the real programs, and the operator's command line (SPEC §9.6). */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { expect, test } from "@playwright/test";
import { parseInvite } from "@tabor/signal-protocol";
import { type RunningDirectory, startDirectory } from "./fixtures/directory.ts";
import { connectTo, join, newKey, signJoin } from "./fixtures/joining.ts";
import { Program } from "./fixtures/program.ts";

const REFUSED = { ok: false, error: "not-authentic" };
let state: string;

test.beforeAll(async () => {
  state = await mkdtemp(joinPath(tmpdir(), "tabor-members-"));
});
test.afterAll(() => rm(state, { recursive: true }));

/** Runs the operator's command. @returns the program, with what it wrote, once it has ended well. */
async function members(directory: RunningDirectory, ...args: string[]): Promise<string> {
  const program = new Program({
    name: "members",
    script: "apps/signal/dist/members.js",
    args: ["--state", directory.state, ...args],
  });
  expect(await program.exited, program.text).toBe(0);
  return program.text;
}

test("members only: who is added is let in, who is revoked loses the session and gets no other", async () => {
  const directory = await startDirectory(undefined, "members");
  const common = ["--directory", directory.url, "--authority", directory.authority];
  const script = (name: string) => `apps/node/dist/${name}.js`;
  const relay = new Program({
    name: "relay",
    script: script("relay"),
    args: [...common, "--state", joinPath(state, "relay")],
  });
  const socks = new Program({
    name: "socks",
    script: script("socks"),
    args: [...common, "--port", "0", "--state", joinPath(state, "socks")],
  });
  const ADVICE = /members -- add ([\w-]{43})$/;
  const [[, relayKey = ""], [, clientKey = ""]] = await Promise.all([relay.line(ADVICE), socks.line(ADVICE)]);
  await members(directory, "add", relayKey, "--name", "a relay");
  await relay.line(/^relay \S+ has joined the network/);
  await members(directory, "add", clientKey);
  await directory.program.line(/peer joined.*client|client.*peer joined/);
  expect(await members(directory, "list")).toContain("a relay");

  const key = await newKey();
  const stranger = await connectTo(directory.url);
  expect(await join(stranger, await signJoin(stranger, key, { role: "client" }))).toEqual(REFUSED);
  await members(directory, "add", key.id);
  const member = await connectTo(directory.url);
  expect(await join(member, await signJoin(member, key, { role: "client" }))).toMatchObject({ ok: true });
  await members(directory, "revoke", key.id);
  await member.disconnected;
  const again = await connectTo(directory.url);
  expect(await join(again, await signJoin(again, key, { role: "client" }))).toEqual(REFUSED);

  await members(directory, "revoke", relayKey);
  await relay.line(/the connection to the directory ended/);
  for (const { socket } of [stranger, again]) socket.disconnect();
  await Promise.all([relay.stop(), socks.stop()]);
  await directory.stop();
});

test("by invitation: a code is good once, and makes its key a member", async () => {
  const directory = await startDirectory(undefined, "invite");
  const text = await members(directory, "invite", "--name", "for a friend");
  const invite = parseInvite(text.trim());
  const [friend, other] = [await newKey(), await newKey()];
  const joinAs = async (key: typeof friend, code?: Uint8Array) => {
    const connection = await connectTo(directory.url);
    const request = await signJoin(connection, key, { role: "client" });
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
