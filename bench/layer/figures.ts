import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { webAead } from "@tabor/onion-core";
import { build, type Rolldown } from "vite";
import { cipherivAead } from "../../apps/node/src/platform/cipheriv-aead.ts";
import { nodeAead } from "../../apps/node/src/platform/node-aead.ts";
import { CHROMIUM_FLAGS, chromiumPath } from "../../e2e/fixtures/chromium.ts";
import type { Figure } from "../lib/figures.ts";
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
    figure("layer.chromium.cells", await inChromium(), "one hop's layer, WebCrypto in Chromium"),
  ];
}

function figure(name: string, value: number, meaning: string): Figure {
  return { name, value, unit: "1/s", meaning };
}

/** WebCrypto is there in secure contexts only, of which loopback is one. */
async function inChromium(): Promise<number> {
  const script = await bundled(fileURLToPath(new URL("page.ts", import.meta.url)));
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const executablePath = chromiumPath();
  const browser = await chromium.launch({
    args: CHROMIUM_FLAGS,
    ...(executablePath ? { executablePath } : {}),
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
    await page.waitForFunction(() => document.title !== "");
    return Number(await page.title());
  } finally {
    await browser.close();
    server.close();
  }
}

async function bundled(entry: string): Promise<string> {
  const result = (await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, target: "es2023", rolldownOptions: { input: entry } },
  })) as Rolldown.RolldownOutput;
  return result.output[0].code;
}
