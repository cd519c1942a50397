/** `npm start` as a person runs it, and programs that go through its SOCKS proxy. */
import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { App } from "./fixtures/app.ts";
import { bytesOf, sha256 } from "./fixtures/content.ts";
import { descendants } from "./fixtures/descendants.ts";
import { ownerOfPort } from "./fixtures/owner-of-port.ts";
import { Program } from "./fixtures/program.ts";
import { type Site, startSite } from "./fixtures/site.ts";

const MIB = 1024 * 1024;
const LARGE = 100 * MIB;
const PARALLEL = 200;

const run = promisify(execFile);

let folder: string;
let tabor: Program;
let web: string;
let socks: string;
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-start-"));
  tabor = start("start", {});
  [, web = ""] = await tabor.line(/Web app +(http:\S+)/);
  [, socks = ""] = await tabor.line(/SOCKS proxy +(\S+:\d+)/);
});
test.afterAll(async () => {
  if (tabor.isRunning) await tabor.stop();
  await rm(folder, { recursive: true });
});

function start(name: string, env: Record<string, string>): Program {
  return new Program({
    name,
    script: "scripts/run.mjs",
    args: ["start"],
    env: {
      TABOR_PORT: "0",
      TABOR_SOCKS_PORT: "0",
      TABOR_EXIT_POLICY: "accept 127.0.0.0/8:*",
      TABOR_STATE: join(folder, name),
      ...env,
    },
  });
}

/** What curl prints, through the proxy. */
async function curl(...args: string[]): Promise<string> {
  const common = ["--silent", "--show-error", "--fail", "--max-time", "240", "--socks5-hostname", socks];
  const { stdout } = await run("curl", [...common, ...args], { maxBuffer: MIB });
  return stdout;
}

test("tells its stages, then that it is ready", () => {
  const text = tabor.text;
  expect(text).toMatch(/Bootstrapped \d+ %: .*\n[^]*^Tabor is ready$/m);
});

for (const scheme of ["http", "https"] as const) {
  test(`100 MiB, byte for byte, over ${scheme}`, async () => {
    test.setTimeout(300_000);
    const site = await startSite(scheme);
    const certificate = new URL("fixtures/site.cert.pem", import.meta.url).pathname;
    const file = join(folder, scheme);
    await curl("--cacert", certificate, "--output", file, `${site.origin}/bytes/${LARGE}`);
    expect(sha256(await readFile(file))).toBe(sha256(bytesOf(LARGE)));
    await site.close();
  });
}

test(`${PARALLEL} requests at once all succeed`, async () => {
  const site = await startSite();
  const urls = Array.from({ length: PARALLEL }, (_, i) => `${site.origin}/bytes/${i + 1}`);
  const outputs = urls.flatMap((url) => ["--output", "/dev/null", url]);
  const report = await curl(
    "--parallel",
    "--parallel-max",
    String(PARALLEL),
    "--parallel-immediate",
    "--write-out",
    "%{http_code} %{size_download}\\n",
    ...outputs,
  );
  const lines = report.trim().split("\n");
  const sizes = lines.map((line) => /^200 (\d+)$/.exec(line)?.[1]).map(Number);
  expect(sizes.sort((a, b) => a - b)).toEqual(urls.map((_, i) => i + 1));
  await site.close();
});

test("the site sees an exit process, and no other", async () => {
  const site = await startSite();
  const fetched = curl(`${site.origin}/held/4`);
  await expect.poll(() => site.visits.length).toBe(1);
  const processes = descendants(tabor.pid);
  const owners = site.visits.map(({ port }) =>
    ownerOfPort(
      port,
      processes.map(({ pid }) => pid),
    ),
  );
  expect(processes.filter(({ pid }) => owners.includes(pid)).map(({ command }) => command)).toEqual([
    expect.stringMatching(/exit\.js/),
  ]);
  site.release();
  expect(await fetched).toContain("Long");
  await site.close();
});

test("a refused, an unknown and a forbidden host get their SOCKS replies", async () => {
  const codes = await Promise.all(
    [`http://127.0.0.1:${await freePort()}/`, "http://does-not-exist.invalid/", "http://10.0.0.1/"].map(
      replyCode,
    ),
  );
  expect(codes).toEqual([5, 4, 2]);
});

/** The code that the proxy replies with to curl's CONNECT (RFC 1928 §6). */
async function replyCode(url: string): Promise<number> {
  const failed = await curl(url).then(
    () => "",
    (error: unknown) => String(error),
  );
  return Number(/\((\d+)\)\s*$/m.exec(failed)?.[1] ?? NaN);
}

test("the web app is there", async ({ context }) => {
  const site: Site = await startSite();
  const app = await App.open(context, web);
  await app.ready();
  await app.goPlain(`${site.origin}/page`);
  await expect(app.document.locator("#greeting")).toHaveText("Hello from the other side");
  await site.close();
});

test("a port that is taken: one clear sentence, and a code that is not zero", async () => {
  for (const variable of ["TABOR_PORT", "TABOR_SOCKS_PORT"]) {
    const port = new URL(variable === "TABOR_PORT" ? web : `http://${socks}`).port;
    const second = start(`second ${variable}`, { [variable]: port });
    expect(await second.exited).not.toBe(0);
    expect(second.text).toMatch(new RegExp(`[Pp]ort ${port} .*\\.$`, "m"));
    expect(second.text).not.toMatch(/\n\s+at /);
  }
});

test("SIGINT ends every child and frees the ports", async () => {
  const children = descendants(tabor.pid);
  expect(children.length).toBeGreaterThanOrEqual(6);
  expect(await tabor.stop("SIGINT")).toBe(0);
  for (const { pid } of children) expect(() => process.kill(pid, 0)).toThrow();
  for (const address of [web, `http://${socks}`]) await listen(Number(new URL(address).port));
});

async function freePort(): Promise<number> {
  const site = await startSite();
  await site.close();
  return site.port;
}

/** Takes the port for a moment. */
function listen(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
  });
}
