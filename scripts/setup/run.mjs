import { spawn } from "node:child_process";

/**
 * Runs a command without input, saying so. Its whole process group is ended at the limit and when we are interrupted.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {number} options.limit milliseconds
 * @param {Record<string, string>} [options.env]
 * @param {boolean} [options.held] what it prints is shown when it is over, for another may be printing
 * @returns {Promise<boolean>} whether it exited with 0
 */
export async function run(command, args, { limit, env = {}, held = false }) {
  const line = [command, ...args].join(" ");
  if (!held) console.log(`\n$ ${line}`);
  const started = Date.now();
  const child = spawn(command, args, {
    stdio: held ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
    detached: true,
  });
  /** @type {Buffer[]} */
  const output = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (/** @type {Buffer} */ chunk) => output.push(chunk));
  const end = () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  const interrupted = () => {
    end();
    // After the others that run have been ended too.
    process.nextTick(() => process.exit(130));
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
    child.on("close", (code) => resolve(code === 0));
  });
  clearTimeout(deadline);
  process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  if (held) console.log(`\n$ ${line}\n${Buffer.concat(output).toString()}`);
  console.log(`${ok ? "ok" : "FAILED"} after ${((Date.now() - started) / 1000).toFixed(1)} s: ${line}`);
  return ok;
}
