import { HEADER } from "./header.ts";
import { MARKUP } from "./markup.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";
import { SVG } from "./svg.ts";
import type { Vector } from "./vector.ts";

export const VECTORS: readonly Vector[] = [...MARKUP, ...STYLE, ...SVG, ...HEADER, ...SCRIPT];
