import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const ROOT = join(import.meta.dirname, "../..");
const RULE = "=".repeat(16);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Writes `NOTICES.txt` beside the app: the licences of everything that is not ours and is shipped with it. */
export function notices(): Plugin {
  return {
    name: "notices",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "NOTICES.txt", source: noticesText() });
    },
  };
}

function noticesText(): string {
  const ours = readFileSync(join(ROOT, "LICENSE"), "utf8");
  const tls = readFileSync(join(ROOT, "packages/tls/wasm/NOTICES.txt"), "utf8");
  const libraries = [...foreign(import.meta.dirname, new Map())].sort(([a], [b]) => a.localeCompare(b));
  const roots = readFileSync(join(ROOT, "packages/tls/roots/mozilla.pem"), "utf8").split("\n\n")[0] ?? "";
  return [
    `Tabor\n\n${ours}`,
    "It holds the following, which others have written.",
    ...libraries.map(([name, text]) => `${RULE} ${name} ${RULE}\n\n${text}`),
    `${RULE} Trusted issuers ${RULE}\n\n${roots.replace(/^# ?/gm, "")}`,
    tls,
  ]
    .map((part) => part.trim())
    .join("\n\n\n")
    .concat("\n");
}

/** The libraries that a package needs when it runs, and those that they need, with their licences. */
function foreign(folder: string, found: Map<string, string>): Map<string, string> {
  const { dependencies = {} } = manifestIn(folder);
  for (const name of Object.keys(dependencies)) {
    const at = folderOf(name, folder);
    const manifest = manifestIn(at);
    const label = `${name} ${manifest.version}`;
    if (found.has(label)) continue;
    if (!name.startsWith("@tabor/")) found.set(label, licenceOf(manifest, at));
    foreign(at, found);
  }
  return found;
}

/** As Node finds packages: here, else further up. */
function folderOf(name: string, from: string): string {
  const at = join(from, "node_modules", name);
  if (existsSync(join(at, "package.json"))) return at;
  if (from === "/" || from.length < ROOT.length) throw new Error(`${name} is not installed`);
  return folderOf(name, join(from, ".."));
}

function licenceOf({ license = "", author }: Manifest, folder: string): string {
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), "utf8").trim());
  if (license === "" && texts.length === 0) throw new Error(`${folder} has no licence`);
  const by = typeof author === "string" ? author : (author?.name ?? "");
  return [`${license}${by === "" ? "" : `, ${by}`}`, ...texts].join("\n\n");
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}
