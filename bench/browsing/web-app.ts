import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";
import { BUILT_WEB_APP } from "../../e2e/fixtures/directory.ts";
import { ROOT } from "../../e2e/fixtures/program.ts";
import { trustingWebApp } from "../../e2e/fixtures/trusting-web-app.ts";

const ANY_LENGTH = fileURLToPath(new URL("any-length.ts", import.meta.url));

/** The web app, which trusts one more root, and builds circuits of as many hops as its page says (`any-length.ts`). */
export async function benchWebApp(rootPem: string): Promise<{ folder: string; remove(): Promise<void> }> {
  const built = await mkdtemp(join(tmpdir(), "tabor-bench-app-"));
  try {
    await build({
      configFile: join(ROOT, "apps/web/vite.config.ts"),
      logLevel: "error",
      plugins: [pathsOfAnyLength()],
      build: { outDir: join(built, "app"), emptyOutDir: true },
    });
    await cp(join(ROOT, BUILT_WEB_APP, "view"), join(built, "view"), { recursive: true });
    return await trustingWebApp(rootPem, built);
  } finally {
    await rm(built, { recursive: true });
  }
}

function pathsOfAnyLength(): Plugin {
  return {
    name: "paths-of-any-length",
    enforce: "pre",
    resolveId: (source, importer = "") =>
      source.endsWith("/directory/path.ts") && importer.includes("/onion-core/src/client/")
        ? ANY_LENGTH
        : null,
  };
}
