/**
 * Runs one of Tabor's programs: `node scripts/run.mjs start|relay|exit|socks|peer|authority|measure|consensus|status|members [options]`. Prepares the checkout first.
 * Plain JavaScript of any Node version, so that an old one is told what is wrong.
 */
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const OLDEST = { major: 20, minor: 19 };
/** By name, with the app that each belongs to. @type {Record<string, string | undefined>} */
const PROGRAMS = {
  start: "node",
  relay: "node",
  exit: "node",
  socks: "node",
  authority: "signal",
  measure: "node",
  consensus: "node",
  status: "node",
  members: "signal",
};

const program = process.argv[2] ?? "";
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

const app = PROGRAMS[program];
if (app === undefined) {
  end(`Usage: node scripts/run.mjs ${Object.keys(PROGRAMS).join("|")} [options]`);
} else if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
  end(`Tabor needs Node ${OLDEST.major}.${OLDEST.minor} or newer; this is Node ${process.versions.node}.`);
} else {
  try {
    const { ROOT } = await import("./root.mjs");
    const { prepare } = await import("./prepare.mjs");
    await prepare({ web: program === "start", say: (line) => console.log(line) });
    process.argv.splice(2, 1);
    await import(pathToFileURL(join(ROOT, "apps", app, "dist", `${program}.js`)).href);
  } catch (error) {
    end(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} sentence */
function end(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}
