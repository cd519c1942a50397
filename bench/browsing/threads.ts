import { readdirSync, readFileSync } from "node:fs";

/** What the kernel calls the thread of the engine's worker. */
const WORKER = "DedicatedWorker";

export interface BrowserTime {
  /** Of all processes and threads. */
  readonly all: number;
  /** Of workers, which is where the engine has TLS and HTTP. */
  readonly workers: number;
}

/** Processor time that this process's children and theirs have used so far, in ticks; undefined where the system does not tell. */
export function browserTime(isBrowser: (commandLine: string) => boolean): BrowserTime | undefined {
  try {
    const threads = below(process.pid)
      .filter((pid) => isBrowser(read(`${pid}/cmdline`)))
      .flatMap(threadsOf);
    const sum = (some: readonly Thread[]): number => some.reduce((total, { ticks }) => total + ticks, 0);
    return { all: sum(threads), workers: sum(threads.filter(({ name }) => name === WORKER)) };
  } catch {
    return undefined;
  }
}

interface Thread {
  readonly name: string;
  readonly ticks: number;
}

/** proc(5): the name in brackets, user and system time in fields 14 and 15. */
function threadsOf(pid: number): Thread[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const text = read(`${pid}/task/${thread}/stat`);
    const [before, after] = [text.indexOf("("), text.lastIndexOf(")")];
    const fields = text.slice(after + 2).split(" ");
    return { name: text.slice(before + 1, after), ticks: Number(fields[11]) + Number(fields[12]) };
  });
}

function below(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    read(`${pid}/task/${thread}/children`)
      .split(" ")
      .filter((text) => text !== ""),
  );
  return children.flatMap((child) => [Number(child), ...below(Number(child))]);
}

/** Empty for one that has ended. */
function read(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "latin1");
  } catch {
    return "";
  }
}
