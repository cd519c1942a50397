/** For a release: the list of trusted issuers must not be older than 90 days. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.mjs";

const MAX_DAYS = 90;
const DAY = 86_400_000;

const text = readFileSync(join(ROOT, "packages/tls/roots/mozilla.pem"), "utf8");
const date = /^# date: (\d{4}-\d\d-\d\d)$/m.exec(text)?.[1] ?? "";
const days = Math.floor((Date.now() - Date.parse(date)) / DAY);
const isFresh = days <= MAX_DAYS;
console.log(
  `The list of trusted issuers is of ${date}, ${String(days)} days old; at most ${String(MAX_DAYS)} may be.`,
);
if (!isFresh) {
  console.log("packages/tls/roots/update.sh makes it anew.");
  process.exitCode = 1;
}
