import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { build, type Rolldown } from "vite";
import { CHROMIUM_FLAGS, chromiumPath } from "../../e2e/fixtures/chromium.ts";

/** For a machine that is busy with something else. */
const DEADLINE_MS = 180_000;

/**
 * Runs a script as a page of Chromium's, and waits for what it makes the page's title.
 * On loopback, for WebCrypto is there in secure contexts only.
 */
export async function titleInChromium(entry: URL): Promise<string> {
  const script = await bundled(fileURLToPath(entry));
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
    await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`, {
      waitUntil: "commit",
    });
    await page.waitForFunction(() => document.title !== "", undefined, { timeout: DEADLINE_MS });
    return await page.title();
  } finally {
    await browser.close();
    server.close();
  }
}

/** A script as one file for a page. */
export async function bundled(entry: string): Promise<string> {
  const result = (await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, target: "es2023", rolldownOptions: { input: entry } },
  })) as Rolldown.RolldownOutput;
  return result.output[0].code;
}
