/** A network of three authorities, and a tab: who signs what it believes, and what happens when one of them is gone. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { freeAddresses } from "./fixtures/adhoc.ts";
import { BUILT_WEB_APP } from "./fixtures/directory.ts";
import { linkedWith } from "./fixtures/network.ts";
import { Program } from "./fixtures/program.ts";

const AUTHORITIES = 3;
const RELAYS = 3;
/** Milliseconds: what a vote may take on its way, on a slow machine. */
const ROUND = 1000;

let state: string;
let origins: readonly string[];
let authorities: readonly Program[];
let relays: readonly Program[];

test.beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "tabor-authorities-"));
  const addresses = await freeAddresses(AUTHORITIES);
  origins = addresses.map((address) => `http://${address}`);
  const keys = await Promise.all(origins.map((_, i) => keyOf(i)));
  const named = origins.map((origin, i) => `${origin}#${keys[i] ?? ""}`);
  authorities = addresses.map((address, i) => {
    const peers = named.filter((_, other) => other !== i).join(",");
    const args = ["--port", address.split(":")[1] ?? "", "--peers", peers, "--round", String(ROUND)];
    return authority(i, ...args, "--web", BUILT_WEB_APP, "--log-level", "info");
  });
  await Promise.all(authorities.map((program) => program.line(/^directory ready/)));
  relays = Array.from({ length: RELAYS }, (_, i) => {
    const args = ["--directory", origins[0] ?? "", "--authority", ...keys, "--log-level", "info"];
    const script = `apps/node/dist/${i === 0 ? "exit" : "relay"}.js`;
    return new Program({ name: `relay ${i}`, script, args, ipc: true });
  });
  await Promise.all(relays.map((relay) => relay.message(linkedWith(RELAYS - 1))));
});
test.afterAll(async () => {
  await Promise.all(
    [...relays, ...authorities].filter(({ isRunning }) => isRunning).map((one) => one.stop()),
  );
  await rm(state, { recursive: true });
});

function authority(index: number, ...args: readonly string[]): Program {
  const own = ["--state", join(state, String(index)), ...args];
  return new Program({ name: `authority ${index}`, script: "apps/signal/dist/authority.js", args: own });
}

async function keyOf(index: number): Promise<string> {
  const program = authority(index, "--print-key");
  expect(await program.exited, program.text).toBe(0);
  return program.text.trim();
}

/** Servers, by their ports, to which the page has a connection just now. */
function connections(page: Page): () => readonly string[] {
  const open = new Set<string>();
  page.on("websocket", (socket) => {
    const { port } = new URL(socket.url());
    open.add(port);
    socket.on("close", () => open.delete(port));
  });
  return () => [...open];
}

test("a tab shows who signed, and goes on when an authority is killed", async ({ context }) => {
  const page = await context.newPage();
  const connected = connections(page);
  const [home = ""] = origins;
  await page.goto(home);
  await expect(page.getByTestId("status")).toHaveAttribute("data-tone", "ready");
  await page.getByTestId("address").fill("tabor:network");
  await page.getByTestId("go").click();
  await untilSigned(page, "Signed by 3 of 3 authorities; 2 are needed.");
  await expect(page.getByTestId("relay")).toHaveCount(RELAYS);
  await page.getByTestId("relay").first().click();
  await expect(page.getByTestId("flag-Running")).toContainText(/set, by [23] of [23] votes/);

  // Not the one that the app came from: that one is asked who signed. The tab's own, if that is another.
  const ports = origins.map((origin) => new URL(origin).port);
  const away = Math.max(
    1,
    ports.findIndex((port) => connected().includes(port)),
  );
  await authorities[away]?.kill();
  await untilSigned(page, "Signed by 2 of 3 authorities; 2 are needed.");
  await expect(page.locator("[data-testid=authority][data-signed=false]")).toHaveCount(1);
  const others = ports.filter((_, i) => i !== away);
  await expect.poll(() => connected().some((port) => others.includes(port))).toBe(true);
  await expect(page.getByTestId("status")).toHaveAttribute("data-tone", "ready");
});

/** Looks again until that is what the newest list says: each takes a few rounds. */
async function untilSigned(page: Page, text: string): Promise<void> {
  await expect(async () => {
    await page.getByTestId("look").click();
    await expect(page.getByTestId("authorities")).toHaveAttribute("data-state", "shown");
    await expect(page.getByTestId("signatures")).toHaveText(text, { timeout: 1000 });
  }).toPass({ timeout: 180_000, intervals: [1000] });
}
