import { spawn, spawnSync } from "node:child_process";
import { ROOT } from "../fixtures/program.ts";
import type { Findings } from "./run.ts";

/** How a network namespace is made here; undefined if it can't be: then nothing is proven. */
export function namespaceFlags(): string | undefined {
  if (process.platform !== "linux") return undefined;
  return ["", "-r"].find((flags) => {
    const command = `unshare ${flags} -n -m sh -euc 'ip link add out type veth peer name beyond'`;
    return spawnSync("sh", ["-c", command], { stdio: "ignore" }).status === 0;
  });
}

/** Runs the leak tests in a namespace of their own. @param heard is told of each browser and mode as it is done. */
export function runLeakTests(
  { flags, words }: { flags: string; words: readonly string[] },
  heard: (findings: Findings) => void,
): Promise<number> {
  const program = ["e2e/leak/namespace.sh", "e2e/leak/main.ts", ...words];
  return runInNamespace({ flags, program }, (line) => {
    heard(JSON.parse(line) as Findings);
  });
}

/**
 * Runs a program of TypeScript where a script lets it, and ends it and what it has started with us.
 * @param program the script, the program, its words. @param heard is told each line that it writes. @returns its exit code.
 */
export async function runInNamespace(
  { flags, program }: { flags: string; program: readonly string[] },
  heard: (line: string) => void,
): Promise<number> {
  const [script = "", ...words] = program;
  const child = spawn("sh", [script, process.execPath, "--import", "tsx", ...words], {
    cwd: ROOT,
    env: { ...process.env, TABOR_UNSHARE: flags },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const end = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", end);
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) heard(line);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => {
      process.off("exit", end);
      resolve(code ?? 1);
    });
  });
}
