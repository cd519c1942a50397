/** Measures in a page; the result becomes its title. */
import { webAead } from "@tabor/onion-core";
import { cellsPerSecond } from "./measure.ts";

document.title = String(await cellsPerSecond(webAead, 40_000));
