import { defineConfig } from "@playwright/test";
import { CHROMIUM_FLAGS, chromiumPath } from "./fixtures/chromium.ts";

const executablePath = chromiumPath();

export default defineConfig({
  testDir: ".",
  globalSetup: "./fixtures/build.ts",
  testMatch: "**/*.e2e.ts",
  outputDir: "../test-results/e2e-artifacts",
  reporter: [["list"], ["json", { outputFile: "../test-results/e2e.json" }]],
  // Each test brings up a network of its own, which fills the machine.
  workers: 1,
  retries: 0,
  forbidOnly: process.env["CI"] === "true",
  timeout: 120_000,
  expect: { timeout: 30_000 },
  use: {
    browserName: "chromium",
    // Traces put scripts into every frame, also into those that must run none.
    trace: "off",
    screenshot: "only-on-failure",
    launchOptions: { args: CHROMIUM_FLAGS, ...(executablePath === undefined ? {} : { executablePath }) },
  },
});
