import { join } from "node:path";
import { defineConfig, type UserConfig } from "vite";

const VIEW = join(import.meta.dirname, "view");

/** Each stands alone, and is built by itself: browsers differ in whether workers may import, and hooks must be there before anything else. */
const PARTS: Readonly<Record<string, { readonly input: string; readonly output: string }>> = {
  boot: { input: join(VIEW, "~boot.html"), output: "~a/boot-[hash].js" },
  // A service worker has one address for ever: under another it would be another one.
  worker: { input: join(VIEW, "main-sw.ts"), output: "~sw.js" },
  hooks: { input: join(import.meta.dirname, "../../packages/hooks/src/main.ts"), output: "~a/hooks.js" },
};

/**
 * What the view's origins serve (docs/decisions/0008, 0009), in parts: `--mode boot`, `worker` or `hooks`. All names begin with `/~`, to
 * be apart from those of the sites that are shown there.
 */
export default defineConfig(({ mode }): UserConfig => {
  const part = PARTS[mode];
  // Tools that only look at it name no part.
  if (part === undefined) return {};
  return {
    root: VIEW,
    publicDir: false,
    build: {
      target: "es2023",
      outDir: "../dist/view",
      emptyOutDir: mode === "boot",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      sourcemap: mode !== "hooks",
      rolldownOptions: {
        input: part.input,
        output: {
          entryFileNames: part.output,
          ...(mode === "boot" ? {} : { format: "iife" as const, codeSplitting: false }),
        },
        treeshake: {
          moduleSideEffects: [{ test: /\/packages\/(?!hooks\/)[^/]+\/src\//, sideEffects: false }],
        },
      },
    },
  };
});
