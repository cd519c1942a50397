/** What an operator has of a relay: a configuration file, metrics that tell of nobody, a log without warnings, and an end that waits for circuits. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { type RunningDirectory, startDirectory } from "./fixtures/directory.ts";
import { linkedWith } from "./fixtures/network.ts";
import { Program } from "./fixtures/program.ts";
import { type Site, startSite } from "./fixtures/site.ts";

const run = promisify(execFile);
const PATIENCE = { timeout: 60_000 };
/** Bytes: a little less than 3 MiB, with which it is rounded up. */
const LARGE = 3_000_000;

let folder: string;
let site: Site;
let directory: RunningDirectory;
let relays: readonly Program[];
let ids: readonly string[];
let socks: Program;
let proxy: number;
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-operators-"));
  site = await startSite();
  directory = await startDirectory();
  relays = await Promise.all([start("relay", "middle"), start("relay", "other"), start("exit", "exit")]);
  ids = await Promise.all(relays.map((relay) => relay.message(linkedWith(2))));
  socks = await start("socks", "socks", "port = 0\nhost = '127.0.0.1'");
  proxy = await socks.message(portOf("listening"));
});
test.afterAll(async () => {
  await Promise.all([...relays, socks].filter(({ isRunning }) => isRunning).map((program) => program.stop()));
  await directory.stop();
  await site.close();
  await rm(folder, { recursive: true });
});

/** A program that is told everything by a file. */
async function start(kind: "relay" | "exit" | "socks", name: string, more = ""): Promise<Program> {
  const file = join(folder, `${name}.toml`);
  const policy = kind === "exit" ? 'policy = "accept 127.0.0.0/8:*"' : "";
  const drain = kind === "socks" ? "" : "drain = 100";
  const { url, authority } = directory;
  const text = `directory = ["${url}"]
authority = ["${authority}"]
state = ${JSON.stringify(join(folder, name))}
metrics = 0
log-level = "debug"
${[policy, drain, more].join("\n")}\n`;
  await writeFile(file, text);
  return new Program({ name, script: `apps/node/dist/${kind}.js`, args: ["--config", file], ipc: true });
}

function portOf(kind: string): (message: unknown) => number | undefined {
  return (message) => {
    const { type, port } = message as { type?: string; port?: number };
    return type === kind ? port : undefined;
  };
}

function curl(path: string): Promise<{ stdout: string }> {
  const args = ["--silent", "--show-error", "--fail", "--max-time", "110"];
  return run("curl", [...args, "--socks5-hostname", `127.0.0.1:${proxy}`, `${site.origin}${path}`], {
    maxBuffer: 2 * LARGE,
  });
}

async function scrape(program: Program): Promise<string> {
  const port = await program.message(portOf("metrics"));
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

test("metrics after traffic show the traffic, and no address, target or relay", async () => {
  await socks.message((message) => (message as { percent?: number }).percent === 100 || undefined);
  await curl(`/bytes/${LARGE}`);
  const [middle, , exit] = relays;
  const seen = async (program: Program | undefined, sample: RegExp) => {
    await expect.poll(() => scrape(program ?? socks), PATIENCE).toMatch(sample);
  };
  for (const relay of relays) {
    await seen(relay, /^tabor_relay_circuits_total (?:8|16|24)$/m);
    await seen(relay, /^tabor_relay_bytes_total\{direction="out"\} [1-9]\d{6}/m);
    await seen(relay, /^tabor_relay_links 2$/m);
  }
  await seen(exit, /^tabor_exit_streams_total\{kind="connect",result="answered"\} 4$/m);
  await seen(exit, /^tabor_exit_bytes_total\{direction="in"\} 3145728$/m);
  await seen(socks, /^tabor_client_streams_total\{kind="connect",result="opened"\} 1$/m);
  await seen(middle, /^tabor_relay_listed 1$/m);
  const { hostname, port } = new URL(site.origin);
  const secrets = [...ids, ...ids.map((id) => id.slice(0, 8)), directory.authority, hostname, `:${port}`];
  for (const program of [...relays, socks]) {
    const text = await scrape(program);
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/\d+\.\d+\.\d+\.\d+|[0-9a-f]*::[0-9a-f]*/);
  }
});

test("npm run status shows it, without colours into a pipe", async () => {
  const port = await relays[2]?.message(portOf("metrics"));
  const { stdout } = await run(process.execPath, ["apps/node/dist/status.js", "--metrics", String(port)]);
  expect(stdout).toMatch(/^Network +joined, listed among 3 relays$/m);
  expect(stdout).toMatch(/^Streams +\S.* opened, /m);
  expect(stdout).not.toContain("\x1b");
});

test("SIGTERM: a relay waits for what it carries, and ends with it; its log has no warning and no address", async () => {
  const [middle] = relays;
  if (middle === undefined) throw new Error("no relay");
  const held = curl("/held/4");
  await expect.poll(() => site.visits.some(({ path }) => path === "/held/4"), PATIENCE).toBe(true);
  process.kill(middle.pid, "SIGTERM");
  await middle.line(/draining/);
  site.release();
  expect((await held).stdout).toContain("Long");
  await socks.stop();
  expect(await middle.exited).toBe(0);
  for (const program of [...relays, socks]) {
    expect(program.text).not.toMatch(/"level":(?:[4-9]\d)\b/);
    expect(program.text).not.toMatch(/127\.0\.0\.1|localhost/);
    expect(program.text).not.toContain(`:${new URL(site.origin).port}`);
  }
});
