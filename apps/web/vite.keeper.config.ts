import { join } from "node:path";
import { defineConfig } from "vite";
import { builtFiles } from "./built-files.ts";

/** The service worker of the app's origin, built last: it names every file of `dist/app` (docs/decisions/0022). */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [builtFiles()],
  build: {
    target: "es2023",
    outDir: "dist/app",
    emptyOutDir: false,
    sourcemap: true,
    rolldownOptions: {
      input: join(import.meta.dirname, "keeper/main-keeper.ts"),
      // A service worker has one address for ever: under another it would be another one.
      output: { entryFileNames: "sw.js", format: "iife", codeSplitting: false },
    },
  },
});
