/** The program as people and scripts start it. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const TIMEOUT = 60_000;
let state: string;

beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), "tabor-main-"));
});

afterEach(() => rm(state, { recursive: true }));

function run(...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", MAIN, "--state", state, ...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let out = "";
  let err = "";
  const firstLine = new Promise<string>((resolve) => {
    child.stdout?.on("data", (data: Buffer) => {
      out += data.toString();
      if (out.includes("\n")) resolve(out);
    });
  });
  child.stderr?.on("data", (data: Buffer) => (err += data.toString()));
  const message = new Promise((resolve) => child.once("message", resolve));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.once("close", (code) => {
      resolve({ code, out, err });
    });
  });
  // Node tells no "close" after `disconnect`.
  const exited = new Promise((resolve) => child.once("exit", resolve));
  return { child, firstLine, message, ended, exited };
}

describe("the program", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "says when it is ready, and ends cleanly on %s",
    async (signal) => {
      const { child, firstLine, message, ended } = run("--port", "0");
      const [, port, authority] =
        /^directory ready http:\/\/127\.0\.0\.1:(\d+) authority=([\w-]{43})\n$/.exec(await firstLine) ?? [];
      expect(await message).toEqual({ type: "ready", port: Number(port), authority });
      const reply = await fetch(`http://127.0.0.1:${port ?? ""}/tabor.json`);
      expect(await reply.json()).toEqual({ authorities: [authority], servers: [], iceServers: [] });
      child.kill(signal);
      expect(await ended).toMatchObject({ code: 0 });
      await expect(fetch(`http://127.0.0.1:${port ?? ""}/`)).rejects.toThrow();
    },
    TIMEOUT,
  );

  it(
    "ends when whoever started it is gone",
    async () => {
      const { child, firstLine, exited } = run("--port", "0");
      await firstLine;
      child.disconnect();
      expect(await exited).toBe(0);
    },
    TIMEOUT,
  );

  it(
    "says in one sentence that the port is taken",
    async () => {
      const other = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => other.once("listening", resolve));
      const { port } = other.address() as AddressInfo;
      const { code, out, err } = await run("--port", String(port)).ended;
      other.close();
      expect({ code, out, err }).toEqual({
        code: 1,
        out: "",
        err: `Port ${port} on 127.0.0.1 is already in use: stop what uses it, or choose another with --port.\n`,
      });
    },
    TIMEOUT,
  );

  it(
    "does not start with options that it does not understand",
    async () => {
      const { code, out, err } = await run("--port", "70000").ended;
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toContain("A port is 0 to 65535.");
    },
    TIMEOUT,
  );
});
