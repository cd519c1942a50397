/** `npm run test:long`: what shows only after many minutes. `npm test` does the same for some seconds. */
import { checkNode, installPackages } from "./setup/packages.mjs";
import { findOrInstallTools } from "./setup/tools.mjs";
import { run } from "./setup/run.mjs";

checkNode();
await installPackages();
const chromium = await findOrInstallTools();
const files = ["hidden.e2e.ts", "links.e2e.ts"];
const ok = await run("npx", ["playwright", "test", "--config", "e2e/playwright.config.ts", ...files], {
  limit: 90 * 60_000,
  env: { TABOR_CHROMIUM: chromium, TABOR_LONG: "1" },
});
process.exitCode = ok ? 0 : 1;
