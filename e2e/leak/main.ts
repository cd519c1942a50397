/**
 * The leak tests, inside their network namespace (namespace.sh). Writes one line of JSON for each browser and mode.
 * `short`: every tenth vector, in Chromium alone. `browser=…`, `mode=…`, `vector=…`: these only.
 */
import { BROWSERS, type BrowserKind } from "./browsers.ts";
import { Canaries } from "./canary.ts";
import { tryInApp } from "./in-app.ts";
import { tryVectors } from "./run.ts";
import { MODES, type Mode } from "./site.ts";
import { VECTORS } from "./vectors/all.ts";

const SHORT_MODES: readonly Mode[] = ["open", "app", "app-standard"];

const words = process.argv.slice(2);
const short = words.includes("short");
const isWanted = (what: string, name: string): boolean =>
  words.includes(`${what}=${name}`) || !words.some((word) => word.startsWith(`${what}=`));
const modes = (short ? SHORT_MODES : MODES).filter((mode) => isWanted("mode", mode));
const browsers = BROWSERS.filter(({ name }, i) => isWanted("browser", name) && !(short && i > 0));
const vectors = VECTORS.filter(({ name }, i) => isWanted("vector", name) && !(short && i % 10 !== 0));

const canaries = await Canaries.start();
for (const kind of browsers) {
  if (!isHere(kind)) continue;
  for (const mode of modes) {
    const isApp = mode === "app" || mode === "app-standard";
    const isWhole = isApp || mode === "open";
    const what = { vectors: vectors.filter((vector) => isWhole || vector.kind !== "document"), canaries };
    const findings = isApp ? tryInApp(kind, { mode, ...what }) : tryVectors(kind, { mode, ...what });
    console.log(JSON.stringify(await findings));
  }
}
canaries.close();
process.exit(0);

function isHere(kind: BrowserKind): kind is BrowserKind & { readonly path: string } {
  return kind.path !== undefined;
}
