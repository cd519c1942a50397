/** `npm run test:leak`: whether anything of a page leaves the browsers around the circuit; installs the browsers it needs. */
import { checkNode, installPackages } from "./setup/packages.mjs";
import { findOrInstallTools } from "./setup/tools.mjs";
import { run } from "./setup/run.mjs";

checkNode();
await installPackages();
const chromium = await findOrInstallTools({ firefox: true });
const ok = await run("node", ["--import", "tsx", "e2e/leak/whole.ts", ...process.argv.slice(2)], {
  limit: 120 * 60_000,
  env: { TABOR_CHROMIUM: chromium },
});
process.exitCode = ok ? 0 : 1;
