import { defineConfig } from "vite";
import { notices } from "./notices.ts";

/** Where `npm start` listens, for the development server to pass signalling on to. */
const directory = `http://127.0.0.1:${process.env["TABOR_PORT"] ?? "8080"}`;

export default defineConfig({
  root: import.meta.dirname,
  plugins: [notices()],
  build: {
    target: "es2023",
    // Beside it, `dist/view` is what the view's origin serves.
    outDir: "dist/app",
    emptyOutDir: true,
    // Nothing inlined as data: URLs, no polyfill that would be an inline script: the policy allows neither.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: true,
    rolldownOptions: {
      // Our packages do nothing by being imported: what the first view does not use is loaded after it.
      treeshake: { moduleSideEffects: [{ test: /\/packages\/[^/]+\/src\//, sideEffects: false }] },
    },
  },
  worker: { format: "es" },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/tabor.json": directory,
      "/socket.io": { target: directory, ws: true },
    },
  },
});
