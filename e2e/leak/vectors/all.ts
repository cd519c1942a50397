import { DOCUMENT } from "./document.ts";
import { HEADER } from "./header.ts";
import { HINT } from "./hint.ts";
import { MARKUP } from "./markup.ts";
import { REALM } from "./realm.ts";
import { SAVING } from "./saving.ts";
import { SCRIPT } from "./script.ts";
import { SCRIPT_API } from "./script-api.ts";
import { STYLE } from "./style.ts";
import { SVG } from "./svg.ts";
import type { Vector } from "./vector.ts";

export const VECTORS: readonly Vector[] = [
  ...[...MARKUP, ...HINT, ...STYLE, ...SVG, ...HEADER],
  ...[...DOCUMENT, ...SCRIPT, ...SCRIPT_API, ...REALM, ...SAVING],
];
