import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FromChild, FromParent } from "./messages.ts";

/** One part of a measured network: a Node process, or a tab. */
export interface MeasuredProcess {
  /** Undefined for one that shares its process with others. */
  readonly pid: number | undefined;
  send(message: FromParent): void;
  listen(listener: (message: FromChild) => void): void;
  /** Told if it ends before `stop`. */
  ended(listener: (why: string) => void): void;
  stop(): void;
}

/** Starts a program of this folder. */
export function nodeProcess(program: string, args: readonly string[]): MeasuredProcess {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = fork(path, args, { execArgv: ["--import", "tsx"], serialization: "advanced" });
  let isStopped = false;
  return {
    pid: child.pid,
    send: (message) => child.connected && child.send(message),
    listen: (listener) => child.on("message", listener),
    ended: (listener) => {
      child.once("exit", (code) => {
        if (!isStopped) listener(`ended with ${code ?? "a signal"}`);
      });
    },
    stop: () => {
      isStopped = true;
      // It ends when nobody is there to talk to, also if we are killed.
      if (child.connected) child.disconnect();
    },
  };
}
