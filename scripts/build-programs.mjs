/** Bundles the Node programs with Vite: started six at a time, they should not compile TypeScript first. */
import { join } from "node:path";
import { build } from "vite";
import { ROOT } from "./root.mjs";

/** The programs of each app, by the name of their bundle. */
const APPS = [
  { app: "apps/signal", programs: { directory: "src/main.ts" } },
  {
    app: "apps/node",
    programs: {
      exit: "src/programs/exit.ts",
      relay: "src/programs/relay.ts",
      socks: "src/programs/socks.ts",
      start: "src/programs/start.ts",
    },
  },
];

/** Writes `dist/<name>.js` of every app. Our packages are bundled; libraries stay in node_modules. */
export async function buildPrograms() {
  for (const { app, programs } of APPS) {
    const root = join(ROOT, app);
    await build({
      root,
      configFile: false,
      logLevel: "warn",
      publicDir: false,
      build: {
        ssr: true,
        target: "node20",
        outDir: join(root, "dist"),
        emptyOutDir: true,
        sourcemap: true,
        rolldownOptions: {
          input: Object.fromEntries(Object.entries(programs).map(([name, path]) => [name, join(root, path)])),
          output: { entryFileNames: "[name].js" },
        },
      },
    });
  }
}
