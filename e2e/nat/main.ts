/**
 * Relays and a tab in two houses that the street keeps apart (namespace.sh), and a coturn between. Writes what it has found as one
 * line of JSON.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "@playwright/test";
import { CHROMIUM_FLAGS, chromiumPath } from "../fixtures/chromium.ts";
import { linkedWith } from "../fixtures/network.ts";
import { Program } from "../fixtures/program.ts";

export interface Found {
  /** What a relay says of its NAT without TURN, and with it. */
  readonly nats: readonly string[];
  /** Lines of the second house's relay's status. */
  readonly status: string;
  /** Of the tab in the first house. */
  readonly page: { readonly nat: string; readonly throughTurn: number; readonly text: string };
  /** Packets that would have gone from house to house, and did not. */
  readonly dropped: number;
}

const [ONE, OTHER] = ["10.77.0.1", "10.77.0.2"];
const PORT = 8080;
const STUN = ["--ice-server", `stun:${ONE}:3478`, `stun:${OTHER}:3478`];
const PATIENCE = { timeout: 240_000 };

const house = (n: 1 | 2): readonly string[] => ["nsenter", `--net=/run/netns/house${n}`];
const folder = await mkdtemp(join(tmpdir(), "tabor-nat-"));
const started: Program[] = [];
const turn = startTurn("north");
try {
  console.log(JSON.stringify(await look()));
} finally {
  for (const program of started) await program.kill();
  turn.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(0);

async function look(): Promise<Found> {
  const alone = relay(1, await directory(PORT + 1, STUN));
  const [, withoutTurn = ""] = await alone.line(/(behind a hard NAT, and no TURN server)/);
  await alone.kill();

  const secret = join(folder, "secret");
  await writeFile(secret, "north\n");
  const withTurn = ["--ice-server", `turn:${ONE}:3478`, "--turn-secret-file", secret];
  const url = await directory(PORT, [...STUN, ...withTurn]);
  const [first, second] = [relay(1, url), relay(2, url)];
  await Promise.all([first, second].map((each) => each.message(linkedWith(1))));
  const [, lent = ""] = await second.line(/(a TURN server lends an address)/);

  const forward = program({ script: "e2e/nat/forward.mjs", args: [String(PORT), ONE], within: house(1) });
  await forward.line(/forwarding/);
  const page = await volunteeringTab();
  await second.message(linkedWith(2));
  const port = await second.message((message) => {
    const { type, port } = message as { type?: string; port?: number };
    return type === "metrics" ? port : undefined;
  });
  return {
    nats: [withoutTurn, lent],
    status: await statusOf(port),
    page,
    dropped: Number(/packets (\d+)/.exec(execFileSync("nft", ["list", "counters"]).toString())?.[1]),
  };
}

function program(options: Omit<ConstructorParameters<typeof Program>[0], "name">): Program {
  const made = new Program({ name: options.script, ...options });
  started.push(made);
  return made;
}

function startTurn(secret: string): ChildProcess {
  const options = [
    ...["-n", "--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout", "--simple-log"],
    ...[`--pidfile=${folder}/turnserver.pid`, `--userdb=${folder}/turndb`],
    ...[`--listening-ip=${ONE}`, `--listening-ip=${OTHER}`, `--relay-ip=${ONE}`, "--listening-port=3478"],
    ...["--realm=tabor.example", "--use-auth-secret", `--static-auth-secret=${secret}`],
  ];
  return spawn("turnserver", options, { stdio: "ignore" });
}

async function directory(port: number, ice: readonly string[]): Promise<string> {
  const state = join(folder, `directory-${port}`);
  const where = ["--host", ONE, "--port", String(port), "--state", state, "--web", "apps/web/dist"];
  const authority = program({ script: "apps/signal/dist/authority.js", args: [...where, ...ice] });
  const [, url = ""] = await authority.line(/^directory ready (\S+) /);
  return url;
}

function relay(n: 1 | 2, url: string): Program {
  const args = ["--directory", url, "--metrics", "0", "--log-level", "info"];
  return program({ script: "apps/node/dist/relay.js", args, ipc: true, within: house(n) });
}

/** The tab is in the first house. Its links: one to its neighbour there, and one to the relay in the other house. */
async function volunteeringTab(): Promise<Found["page"]> {
  const executablePath = join(folder, "chromium");
  await writeFile(executablePath, `#!/bin/sh\nexec ${house(1).join(" ")} ${chromiumPath()} "$@"\n`);
  await chmod(executablePath, 0o700);
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  const page = await browser.newPage();
  await page.goto(`http://app.tabor.localhost:${PORT}/`, PATIENCE);
  for (const button of ["view-volunteer", "volunteer-switch", "consent-yes"])
    await page.getByTestId(button).click(PATIENCE);
  await page.locator('[data-testid="relay-links"][data-value="2"]').waitFor(PATIENCE);
  await page.locator('[data-testid="self-test"][data-state="passed"]').waitFor(PATIENCE);
  // ICE may have begun with another pair, and what is shown is a second old.
  await page.locator('[data-testid="connections"]:not([data-turn="0"])').waitFor(PATIENCE);
  const found = await shown(page);
  await browser.close();
  return found;
}

async function shown(page: Page): Promise<Found["page"]> {
  const connections = page.getByTestId("connections");
  return {
    nat: (await page.getByTestId("nat").getAttribute("data-value")) ?? "",
    throughTurn: Number(await connections.getAttribute("data-turn")),
    text: (await connections.textContent()) ?? "",
  };
}

/** As an operator in that house sees it. */
async function statusOf(port: number): Promise<string> {
  const args = ["--metrics", String(port)];
  const status = program({ script: "apps/node/dist/status.js", args, within: house(2) });
  await status.line(/^Process/);
  return status.text;
}
