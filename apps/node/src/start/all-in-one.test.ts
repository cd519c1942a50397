import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ROOT } from "../../../../scripts/root.mjs";
import { prepare } from "../../../../scripts/prepare.mjs";

const START = join(ROOT, "apps", "node", "dist", "start.js");
/** A network of six processes starts; on a machine with other work, that takes its time. */
const PATIENCE = 120_000;

const DEFAULTS = { TABOR_PORT: "0", TABOR_SOCKS_PORT: "0" };

let state: string;
const started: ChildProcess[] = [];

beforeAll(() => prepare({ web: false, say: () => undefined }), PATIENCE);

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "tabor-start-"));
});

afterEach(async () => {
  for (const supervisor of started.splice(0)) {
    if (supervisor.exitCode !== null || supervisor.signalCode !== null) continue;
    supervisor.kill("SIGKILL");
    await once(supervisor, "close");
  }
  rmSync(state, { recursive: true, force: true });
});

interface Run {
  readonly supervisor: ChildProcess;
  readonly lines: string[];
  readonly errors: string[];
  readonly closed: Promise<unknown>;
  /** Waits for a line of output. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
}

function start(environment: Readonly<Record<string, string>> = {}): Run {
  const supervisor = spawn(process.execPath, [START], {
    env: { ...process.env, ...DEFAULTS, TABOR_STATE: state, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(supervisor);
  const lines: string[] = [];
  const errors: string[] = [];
  const output = createInterface({ input: supervisor.stdout });
  output.on("line", (line) => lines.push(line));
  createInterface({ input: supervisor.stderr }).on("line", (line) => errors.push(line));
  const closed = once(supervisor, "close");
  const seen = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = lines.map((line) => pattern.exec(line)).find((each) => each !== null);
      if (match) return match;
      await Promise.race([
        once(output, "line"),
        closed.then(() => {
          throw new Error(`ended without ${String(pattern)}: ${[...lines, ...errors].join("\n")}`);
        }),
      ]);
    }
  };
  return { supervisor, lines, errors, closed, seen };
}

function childrenOf(pid: number | undefined): readonly number[] {
  const listed = execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)]).toString();
  return listed.trim().split(/\s+/).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Processes that are not our children send no event when they end. */
async function allGone(pids: readonly number[]): Promise<void> {
  while (pids.some(isAlive)) await new Promise(setImmediate);
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  const outcome = await Promise.race([
    once(server, "listening").then(() => true),
    once(server, "error").then(() => false),
  ]);
  server.close();
  return outcome;
}

test(
  "becomes ready, takes a program to a site through an exit, and leaves nothing behind",
  async () => {
    const run = start({ TABOR_EXIT_POLICY: "accept 127.0.0.0/8:*" });
    await run.seen(/^Tabor is ready$/);
    const socksPort = Number((await run.seen(/SOCKS proxy {2}127\.0\.0\.1:(\d+)/))[1]);
    const webPort = Number((await run.seen(/Web app {6}http:\/\/app\.tabor\.localhost:(\d+)\//))[1]);
    const children = childrenOf(run.supervisor.pid);
    expect(children).toHaveLength(6);

    const site = createHttpServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
    await once(site, "listening");
    const { port } = site.address() as AddressInfo;
    const curl = spawn("curl", [
      ...["-sS", "--max-time", "60", "--socks5-hostname", `127.0.0.1:${String(socksPort)}`],
      `http://localhost:${String(port)}/`,
    ]);
    const [body] = (await once(curl.stdout, "data")) as [Buffer];
    expect(body.toString()).toBe("hello");
    site.closeAllConnections();
    site.close();

    run.supervisor.kill("SIGTERM");
    expect(await run.closed).toEqual([0, null]);
    expect(children.filter(isAlive)).toEqual([]);
    expect([await canListen(socksPort), await canListen(webPort)]).toEqual([true, true]);
    expect(run.errors).toEqual([]);
    expect(run.lines.slice(0, 3).every((line) => /^Bootstrapped \d+ %: /.test(line))).toBe(true);
  },
  PATIENCE,
);

test(
  "no program outlives a supervisor that is killed",
  async () => {
    const run = start();
    await run.seen(/^Bootstrapped 25 %/);
    const children = childrenOf(run.supervisor.pid);
    expect(children.length).toBeGreaterThanOrEqual(5);
    run.supervisor.kill("SIGKILL");
    await run.closed;
    await allGone(children);
  },
  PATIENCE,
);

test(
  "nor one whose npm is killed",
  async () => {
    const shell = spawn("sh", ["-c", `"${process.execPath}" "${START}"; true`], {
      env: { ...process.env, ...DEFAULTS, TABOR_STATE: state, npm_lifecycle_event: "start" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    started.push(shell);
    for await (const line of createInterface({ input: shell.stdout }))
      if (line.startsWith("Bootstrapped 15 %")) break;
    const [supervisor = 0] = childrenOf(shell.pid);
    const programs = [supervisor, ...childrenOf(supervisor)];
    expect(programs.length).toBeGreaterThan(2);
    shell.kill("SIGKILL");
    await allGone(programs);
  },
  PATIENCE,
);

test(
  "a signal in the middle of starting ends it in good order",
  async () => {
    const run = start();
    await run.seen(/^Bootstrapped 15 %/);
    const children = childrenOf(run.supervisor.pid);
    run.supervisor.kill("SIGINT");
    expect(await run.closed).toEqual([0, null]);
    expect(children.filter(isAlive)).toEqual([]);
    expect(run.errors).toEqual([]);
  },
  PATIENCE,
);

test.each(["TABOR_PORT", "TABOR_SOCKS_PORT"])(
  "a port that is taken is one clear sentence, and an exit code: %s",
  async (name) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const port = String((other.address() as AddressInfo).port);
    const run = start({ [name]: port });
    expect(await run.closed).toEqual([1, null]);
    expect(run.errors).toEqual([
      `Port ${port} on 127.0.0.1 is taken by another program; ${name}=… chooses another port.`,
    ]);
    other.close();
  },
  PATIENCE,
);

test(
  "a program that cannot start is one clear sentence, and ends the others",
  async () => {
    const closedPort = createServer().listen(0, "127.0.0.1");
    await once(closedPort, "listening");
    const directory = `http://127.0.0.1:${String((closedPort.address() as AddressInfo).port)}`;
    closedPort.close();
    const run = start({ TABOR_DIRECTORY: directory });
    expect(await run.closed).toEqual([1, null]);
    expect(run.errors).toHaveLength(1);
    expect(run.errors[0]).toMatch(
      /^(?:relay|exit) [12] could not start: No directory answers at http:\/\/127/,
    );
  },
  PATIENCE,
);

test(
  "a setting that makes no sense is one clear sentence",
  async () => {
    const run = start({ TABOR_EXIT_POLICY: "allow everything" });
    expect(await run.closed).toEqual([1, null]);
    expect(run.errors).toHaveLength(1);
    expect(run.errors[0]).toContain("TABOR_EXIT_POLICY");
  },
  PATIENCE,
);
