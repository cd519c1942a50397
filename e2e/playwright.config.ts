import { defineConfig } from "@playwright/test";
import { CHROMIUM_FLAGS, chromiumPath } from "./fixtures/chromium.ts";

const executablePath = chromiumPath();

/** Without a network of ours: a page, a server, sites. */
const LIGHT = ["bundle", "elements", "farm", "hooks", "journeys", "links", "tls"].map(
  (name) => `**/${name}.e2e.ts`,
);

export default defineConfig({
  testDir: ".",
  globalSetup: "./fixtures/build.ts",
  outputDir: "../test-results/e2e-artifacts",
  reporter: [["list"], ["json", { outputFile: "../test-results/e2e.json" }]],
  // A network is half a dozen processes: beside one there is room for a page, but not for another network.
  workers: 2,
  projects: [
    { name: "network", testMatch: "**/*.e2e.ts", testIgnore: LIGHT, workers: 1 },
    { name: "light", testMatch: LIGHT, workers: 1 },
  ],
  retries: 0,
  forbidOnly: process.env["CI"] === "true",
  timeout: 240_000,
  expect: { timeout: 60_000 },
  use: {
    browserName: "chromium",
    // Traces put scripts into every frame, also into those that must run none.
    trace: "off",
    screenshot: "only-on-failure",
    launchOptions: { args: CHROMIUM_FLAGS, ...(executablePath === undefined ? {} : { executablePath }) },
  },
});
