import { fork, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FromChild, FromParent } from "./messages.ts";

/** The processes of one measurement; carries session descriptions between them, as a broker would. */
export class Processes {
  readonly #children = new Map<string, ChildProcess>();
  readonly #listeners = new Set<(from: string, message: FromChild) => void>();
  readonly #aliases = new Set<string>();
  #stopped = false;

  /** Starts a program of this folder under a name. */
  start(name: string, program: string, ...args: string[]): void {
    const path = fileURLToPath(new URL(program, import.meta.url));
    const child = fork(path, args, { execArgv: ["--import", "tsx"], serialization: "advanced" });
    this.#children.set(name, child);
    child.once("exit", (code) => {
      if (!this.#stopped)
        throw new Error(`${name} ended with ${String(code)} in the middle of the measurement`);
    });
    child.on("message", (message: FromChild) => {
      if (message.type === "sdp") {
        const { to, ...description } = message;
        this.tell(to, { ...description, from: name });
      } else for (const listener of this.#listeners) listener(name, message);
    });
  }

  /** Lets a process be found under another name: a relay by its identity. */
  alias(name: string, alias: string): void {
    const child = this.#children.get(name);
    if (child === undefined) return;
    this.#children.set(alias, child);
    this.#aliases.add(alias);
  }

  tell(name: string, message: FromParent): void {
    const child = this.#children.get(name);
    if (child?.connected === true) child.send(message);
  }

  /** The first message of this type, from now on, that fits. */
  message<T extends FromChild["type"]>(
    type: T,
    from: string,
    fits: (message: FromChild & { type: T }) => boolean = () => true,
  ): Promise<FromChild & { type: T }> {
    return new Promise((resolve) => {
      const listener = (name: string, message: FromChild): void => {
        if (name !== from || message.type !== type || !fits(message as FromChild & { type: T })) return;
        this.#listeners.delete(listener);
        resolve(message as FromChild & { type: T });
      };
      this.#listeners.add(listener);
    });
  }

  /** CPU time that each process has used, in seconds; empty where the system does not tell. */
  cpuSeconds(): ReadonlyMap<string, number> {
    const own = [...this.#children].filter(([name]) => !this.#aliases.has(name));
    return new Map(own.map(([name, child]) => [name, cpuSecondsOf(child.pid ?? 0)]));
  }

  stop(): void {
    this.#stopped = true;
    // They end when nobody is there to talk to, also if we are killed.
    for (const child of this.#children.values()) if (child.connected) child.disconnect();
  }
}

/** The kernel counts in hundredths of a second (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;

/** User and system time of a process, from its `stat`, fields 14 and 15. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
