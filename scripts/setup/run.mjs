import { spawn } from "node:child_process";

/**
 * Runs a command, saying so, with our terminal and without input. Its whole process group is ended at the limit and
 * when we are interrupted.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ limit: number, env?: Record<string, string> }} options limit in milliseconds
 * @returns {Promise<boolean>} whether it exited with 0
 */
export async function run(command, args, { limit, env = {} }) {
  const line = [command, ...args].join(" ");
  console.log(`\n$ ${line}`);
  const started = Date.now();
  const child = spawn(command, args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
    detached: true,
  });
  const end = () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  const interrupted = () => {
    end();
    process.exit(130);
  };
  const deadline = setTimeout(() => {
    console.log(`${line}: stopped after ${limit / 1000} s`);
    end();
  }, limit);
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  /** @type {boolean} */
  const ok = await new Promise((resolve) => {
    child.on("error", (error) => {
      console.log(`${line}: ${error.message}`);
      resolve(false);
    });
    child.on("exit", (code) => resolve(code === 0));
  });
  clearTimeout(deadline);
  process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  console.log(`${ok ? "ok" : "FAILED"} after ${((Date.now() - started) / 1000).toFixed(1)} s: ${line}`);
  return ok;
}
