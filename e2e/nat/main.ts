/**
 * Relays and a tab in two houses that the street keeps apart (namespace.sh), and a coturn between. Writes what it has found as one
 * line of JSON.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { linkedWith } from "../fixtures/network.ts";
import type { Program } from "../fixtures/program.ts";
import { type House, ONE, OTHER, PATIENCE, Street } from "./street.ts";

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

const PORT = 8080;
const STUN = ["--ice-server", `stun:${ONE}:3478`, `stun:${OTHER}:3478`];

const street = await Street.open();
const turn = startTurn("north");
try {
  console.log(JSON.stringify(await look()));
} finally {
  turn.kill("SIGKILL");
  await street.close();
}
process.exit(0);

async function look(): Promise<Found> {
  const alone = relay(1, (await street.directory(PORT + 1, STUN)).url);
  const [, withoutTurn = ""] = await alone.line(/(behind a hard NAT, and no TURN server)/);
  await alone.kill();

  const secret = join(street.folder, "secret");
  await writeFile(secret, "north\n");
  const withTurn = ["--ice-server", `turn:${ONE}:3478`, "--turn-secret-file", secret];
  const { url } = await street.directory(PORT, [...STUN, ...withTurn]);
  const [first, second] = [relay(1, url), relay(2, url)];
  await Promise.all([first, second].map((each) => each.message(linkedWith(1))));
  const [, lent = ""] = await second.line(/(a TURN server lends an address)/);

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

function startTurn(secret: string): ChildProcess {
  const options = [
    ...["-n", "--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout", "--simple-log"],
    ...[`--pidfile=${street.folder}/turnserver.pid`, `--userdb=${street.folder}/turndb`],
    ...[`--listening-ip=${ONE}`, `--listening-ip=${OTHER}`, `--relay-ip=${ONE}`, "--listening-port=3478"],
    ...["--realm=tabor.example", "--use-auth-secret", `--static-auth-secret=${secret}`],
  ];
  return spawn("turnserver", options, { stdio: "ignore" });
}

function relay(house: House, url: string): Program {
  const args = ["--directory", url, "--metrics", "0", "--log-level", "info"];
  return street.program({ script: "apps/node/dist/relay.js", args, ipc: true }, house);
}

/** The tab is in the first house. Its links: one to its neighbour there, and one to the relay in the other house. */
async function volunteeringTab(): Promise<Found["page"]> {
  const page = await street.volunteer(1, PORT);
  await page.locator('[data-testid="relay-links"][data-value="2"]').waitFor(PATIENCE);
  await page.locator('[data-testid="self-test"][data-state="passed"]').waitFor(PATIENCE);
  // ICE may have begun with another pair, and what is shown is a second old.
  await page.locator('[data-testid="connections"]:not([data-turn="0"])').waitFor(PATIENCE);
  return shown(page);
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
  const status = street.program({ script: "apps/node/dist/status.js", args }, 2);
  await status.line(/^Process/);
  return status.text;
}
