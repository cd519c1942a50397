import type { FromChild, FromParent, SitePorts, Task } from "./messages.ts";

/** The way to the process that runs the measurement: Node's IPC, or what it put into a page (`bench/tabs/page-process.ts`). */
export interface ParentPort {
  send(message: FromChild): void;
  listen(listener: (message: FromParent) => void): void;
}

const port: ParentPort = (globalThis as { benchParent?: ParentPort }).benchParent ?? processPort();

export function tell(message: FromChild): void {
  port.send(message);
}

export function onParent<T extends FromParent["type"]>(
  type: T,
  listener: (message: FromParent & { type: T }) => void,
): void {
  port.listen((message) => {
    if (message.type === type) listener(message as FromParent & { type: T });
  });
}

/** Answers every task, or says why it could not be done. */
export function onTask(run: (task: Task, site: SitePorts) => Promise<readonly number[]>): void {
  onParent("task", ({ task, site }) => {
    void run(task, site)
      .catch((thrown: unknown) => (thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)))
      .then((result) => {
        tell({ type: "answer", result });
      });
  });
}

function processPort(): ParentPort {
  process.on("disconnect", () => process.exit());
  return {
    send: (message) => process.send?.(message),
    listen: (listener) => process.on("message", listener),
  };
}
