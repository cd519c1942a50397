import { webAead } from "@tabor/onion-core";
import { cipherivAead } from "../../apps/node/src/platform/cipheriv-aead.ts";
import { nodeAead } from "../../apps/node/src/platform/node-aead.ts";
import type { Figure } from "../lib/figures.ts";
import { titleInChromium } from "../lib/chromium.ts";
import { cellsPerSecond } from "./measure.ts";

const CELLS = 40_000;

/** What one hop's layer can do, by every cipher that we have. */
export async function layerFigures(): Promise<Figure[]> {
  console.log("layer: Node and Chromium");
  return [
    figure("layer.node.cells", await cellsPerSecond(nodeAead, CELLS), "one hop's layer, Node's OpenSSL"),
    figure(
      "layer.node.cipheriv.cells",
      await cellsPerSecond(cipherivAead, CELLS),
      "one hop's layer, node:crypto",
    ),
    figure(
      "layer.node.webcrypto.cells",
      await cellsPerSecond(webAead, CELLS),
      "one hop's layer, WebCrypto in Node",
    ),
    figure(
      "layer.chromium.cells",
      Number(await titleInChromium(new URL("page.ts", import.meta.url))),
      "one hop's layer, WebCrypto in Chromium",
    ),
  ];
}

function figure(name: string, value: number, meaning: string): Figure {
  return { name, value, unit: "1/s", meaning };
}
