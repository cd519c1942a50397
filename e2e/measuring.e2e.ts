/** An authority with a measurer: what relays claim counts no more, and the operator sees why. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { type RunningNetwork, startNetwork } from "./fixtures/network.ts";
import { Program } from "./fixtures/program.ts";

const run = promisify(execFile);
const PATIENCE = { timeout: 200_000 };

let network: RunningNetwork;
let measurer: Program;
test.beforeAll(async () => {
  network = await startNetwork({ relays: 2, exits: 2 });
  const { url, authority, state } = network.directory;
  measurer = new Program({
    name: "measurer",
    script: "apps/node/dist/measure.js",
    args: [
      "--directory",
      url,
      "--authority",
      authority,
      "--results",
      state,
      "--state",
      state,
      "--metrics",
      "0",
    ],
    ipc: true,
  });
});
test.afterAll(async () => {
  await measurer.stop();
  await network.stop();
});

function consensus(...args: readonly string[]): Promise<string> {
  const { url, authority } = network.directory;
  const script = ["apps/node/dist/consensus.js", "--directory", url, "--authority", authority];
  return run(process.execPath, [...script, ...args]).then(({ stdout }) => stdout);
}

test("relays are tried and measured, and the consensus says that their weight is from that", async () => {
  test.setTimeout(600_000);
  const ids = (await consensus()).match(/^ {2}[\w-]{43}(?= )/gm) ?? [];
  const relays = ids.map((id) => id.trim());
  expect(relays).toHaveLength(4);
  const port = await measurer.message((message) => {
    const { type, port } = message as { type?: string; port?: number };
    return type === "metrics" ? port : undefined;
  });
  const metrics = () => fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => answer.text());
  await expect.poll(metrics, PATIENCE).toMatch(/^tabor_measurer_relays\{state="answering"\} 4$/m);
  await expect.poll(metrics, PATIENCE).toMatch(/^tabor_measurer_measured_relays 4$/m);
  for (const relay of relays) {
    const why = () => consensus("--relay", relay);
    await expect.poll(why, PATIENCE).toContain("the median of what was measured");
    expect(await why()).toMatch(/^ {2}\S{8} gave \d+, measured [1-9]\d*$/m);
    expect(await why()).toMatch(/^ {2}\+ Running /m);
  }
});
