import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Plugin } from "vite";

/** The worker itself, what is not needed to run, and what the server writes anew. */
const NOT_KEPT = /^(?:sw\.js|NOTICES\.txt|.*\.map)$/;

/** Tells the service worker of the app, as `TABOR_BUILD`, which files were built into its folder, with their hashes. */
export function builtFiles(): Plugin {
  return {
    name: "built-files",
    config: ({ root = ".", build }) => ({
      define: { TABOR_BUILD: JSON.stringify(buildIn(resolve(root, build?.outDir ?? "."))) },
    }),
  };
}

function buildIn(folder: string): { id: string; files: Readonly<Record<string, string>> } {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .filter((name) => !NOT_KEPT.test(name))
    .sort();
  const files = names.map((name) => [
    name === "index.html" ? "/" : `/${name}`,
    `sha256-${sha256(readFileSync(join(folder, name))).toString("base64")}`,
  ]);
  const id = sha256(JSON.stringify(files)).toString("base64url").slice(0, 16);
  return { id, files: Object.fromEntries(files) as Record<string, string> };
}

function sha256(bytes: Buffer | string): Buffer {
  return createHash("sha256").update(bytes).digest();
}
