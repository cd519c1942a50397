/** `npm start`: a whole network on this machine, of separate processes. */
import { join } from "node:path";
import { systemClock } from "@tabor/platform";
import { runProgram } from "../cli/run-program.ts";
import { AllInOne } from "../start/all-in-one.ts";
import { readSettings } from "../start/settings.ts";

/** Where this program is once it is built: beside the others, in `apps/node/dist`. */
const HERE = import.meta.dirname;
const APPS = join(HERE, "..", "..");

/** In milliseconds. */
const PARENT_CHECK_INTERVAL = 500;

// Whoever reads our output may go away before we do.
process.stdout.on("error", () => undefined);

await runProgram(async ({ onEnd, fail }) => {
  if (process.env["npm_lifecycle_event"] !== undefined) endWithParent(fail);
  const allInOne = new AllInOne({
    settings: readSettings(process.env, join(APPS, "..")),
    scripts: {
      directory: join(APPS, "signal", "dist", "authority.js"),
      relay: join(HERE, "relay.js"),
      exit: join(HERE, "exit.js"),
      socks: join(HERE, "socks.js"),
    },
    webFolder: join(APPS, "web", "dist"),
    clock: systemClock,
    print: (line) => process.stdout.write(`${line}\n`),
    broken: fail,
  });
  onEnd(() => allInOne.stop());
  await allInOne.start();
});

/** An npm that is killed tells us nothing: we notice that we have got another parent. */
function endWithParent(fail: (reason: unknown) => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) fail("npm has gone, so Tabor ends.");
  }, PARENT_CHECK_INTERVAL).unref();
}
