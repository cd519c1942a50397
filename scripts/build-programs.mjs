/** Bundles the Node programs with Vite: started six at a time, they should not compile TypeScript first. */
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { ROOT } from "./root.mjs";

/** The programs of each app, by the name of their bundle. */
const APPS = [
  { app: "signal", programs: { authority: "src/main.ts", members: "src/main-members.ts" } },
  {
    app: "node",
    programs: {
      consensus: "src/programs/consensus.ts",
      exit: "src/programs/exit.ts",
      measure: "src/programs/measure.ts",
      peer: "src/programs/peer.ts",
      relay: "src/programs/relay.ts",
      socks: "src/programs/socks.ts",
      start: "src/programs/start.ts",
      status: "src/programs/status.ts",
    },
  },
];

/** Writes `<name>.js` into the `dist` of each app. Our packages are bundled; libraries stay in node_modules. */
export async function buildPrograms() {
  for (const { app, programs } of APPS) {
    const root = join(ROOT, "apps", app);
    // Beside, then into place: programs that start meanwhile find the old ones whole, or the new ones.
    const fresh = join(ROOT, "node_modules", `.tabor-${app}-${String(process.pid)}`);
    await bundle(root, programs, fresh);
    replaceFolder(join(root, "dist"), fresh);
  }
}

/**
 * @param {string} root
 * @param {Record<string, string | undefined>} programs entry points by name
 * @param {string} outDir
 */
async function bundle(root, programs, outDir) {
  /** @type {Record<string, string>} */
  const input = {};
  for (const [name, path] of Object.entries(programs)) input[name] = join(root, path ?? "");
  await build({
    root,
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    build: {
      ssr: true,
      target: "node20",
      outDir,
      emptyOutDir: true,
      sourcemap: true,
      rolldownOptions: { input, output: { entryFileNames: "[name].js" } },
    },
  });
}

/**
 * @param {string} folder
 * @param {string} fresh
 */
function replaceFolder(folder, fresh) {
  rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(fresh, folder);
  } catch (error) {
    // Another build was faster; its result is as good.
    rmSync(fresh, { recursive: true, force: true });
    if (!(error instanceof Error && "code" in error && error.code === "ENOTEMPTY")) throw error;
  }
}
