import { readFileSync } from "node:fs";

/** Memory that a process has now (resident set), KiB; NaN where the system does not tell. */
export function residentKib(pid: number): number {
  if (process.platform !== "linux") return NaN;
  const status = readFileSync(`/proc/${String(pid)}/status`, "latin1");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN);
}
