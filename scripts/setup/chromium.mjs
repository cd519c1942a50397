import { existsSync } from "node:fs";
import { run } from "./run.mjs";

const SYSTEM = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
];

/**
 * The browser for the end-to-end tests: `TABOR_CHROMIUM`, Playwright's own, or the system's. Where there is none and
 * we may install, Debian's is installed.
 * @returns {Promise<string>} its path; a path that does not exist if none can be had, so that the tests fail
 */
export async function findOrInstallChromium() {
  const found = await findChromium();
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    console.log("No Chromium found: install Debian's `chromium`, or run `npx playwright install chromium`.");
    return "no-chromium-found";
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update"], { limit: 300_000, env });
  const packages = ["chromium", "fonts-dejavu-core"];
  await run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { limit: 600_000, env });
  return (await findChromium()) ?? "no-chromium-found";
}

async function findChromium() {
  const { chromium } = await import("@playwright/test");
  return [process.env["TABOR_CHROMIUM"], chromium.executablePath(), ...SYSTEM].find(
    (path) => path !== undefined && path !== "" && existsSync(path),
  );
}
