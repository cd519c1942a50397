import { readFileSync } from "node:fs";

/** What a process has used since it began; NaN where the system does not tell. */
export interface Usage {
  readonly cpuSeconds: number;
  /** The most memory that it has had (resident set), MiB. */
  readonly peakMib: number;
}

/** The kernel counts in hundredths of a second (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;
const KIB_PER_MIB = 1024;

/** Of a process of this machine, from Linux's `/proc`. */
export function usageOf(pid: number): Usage {
  if (process.platform !== "linux") return { cpuSeconds: NaN, peakMib: NaN };
  const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, "latin1");
  return { cpuSeconds: cpuSecondsIn(read("stat")), peakMib: peakMibIn(read("status")) };
}

/** User and system time: fields 14 and 15 of `stat`; the second, in parentheses, may have spaces. */
export function cpuSecondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function peakMibIn(status: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) / KIB_PER_MIB;
}
