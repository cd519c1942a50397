import type { FromChild, FromParent, SitePorts, Task } from "./messages.ts";

/** The way to the process that runs the measurement. */
interface ParentPort {
  send(message: FromChild): void;
  listen(listener: (message: FromParent) => void): void;
}

/** What a page has in place of Node's IPC (`bench/tabs/tabs.ts`). */
export interface ParentOfPage {
  /** Put there before our script. */
  readonly benchTell: (message: FromChild) => void;
  /** Ours, for who runs the measurement to call. */
  benchHear: (message: FromParent) => void;
}

const port: ParentPort = "benchTell" in globalThis ? pagePort() : processPort();

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
      .catch((thrown: unknown) =>
        thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
      )
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

function pagePort(): ParentPort {
  const page = globalThis as unknown as ParentOfPage;
  const listeners: ((message: FromParent) => void)[] = [];
  page.benchHear = (message) => {
    for (const listener of [...listeners]) listener(message);
  };
  return {
    send: (message) => page.benchTell(message),
    listen: (listener) => listeners.push(listener),
  };
}
