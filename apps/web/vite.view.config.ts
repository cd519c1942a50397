import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

const VIEW = join(import.meta.dirname, "view");

/** What the view's origin serves (docs/decisions/0008): the boot page with its script, and the service worker. */
export default defineConfig({
  root: VIEW,
  publicDir: false,
  plugins: [workerStandsAlone()],
  build: {
    target: "es2023",
    outDir: "../dist/view",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: true,
    rolldownOptions: {
      input: { boot: join(VIEW, "index.html"), sw: join(VIEW, "main-sw.ts") },
      output: {
        // A service worker has one address for ever: under another it would be another one.
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
      treeshake: { moduleSideEffects: [{ test: /\/packages\/[^/]+\/src\//, sideEffects: false }] },
    },
  },
});

/** Browsers differ in whether service workers may import: ours is one classic script. */
function workerStandsAlone(): Plugin {
  return {
    name: "worker-stands-alone",
    generateBundle: (_options, bundle) => {
      const worker = bundle["sw.js"];
      const imports = worker?.type === "chunk" ? [...worker.imports, ...worker.exports] : ["no worker"];
      if (imports.length > 0) throw new Error(`sw.js must stand alone: ${imports.join(", ")}`);
    },
  };
}
