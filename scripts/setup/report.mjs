import { existsSync, readFileSync } from "node:fs";

/** @param {string} file a runner's JSON report @returns {unknown} undefined if it wrote none */
export function readReport(file) {
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  } catch {
    return undefined;
  }
}
