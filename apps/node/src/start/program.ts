import { fork, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { TaborError, type Clock } from "@tabor/onion-core";

export interface ProgramSpec {
  /** For people: "the directory", "exit 2". */
  readonly name: string;
  /** Path of its JavaScript. */
  readonly script: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How long a program may take to end by itself, in milliseconds. */
const STOP_DEADLINE = 5_000;
/** Lines of stderr that are kept until a program is up, to tell why it is not. */
const KEPT_LINES = 20;

/**
 * One of the programs of the all-in-one, as a process of its own. It ends when we do, even if we are killed: it holds
 * an IPC channel to us, and notices its end.
 */
export class Program {
  readonly name: string;
  /** Resolves when the process is gone, with how it ended: "exit code 1". Never rejects. */
  readonly ended: Promise<string>;
  readonly #process: ChildProcess;
  readonly #listeners = new Set<(message: unknown) => void>();
  readonly #lastLines: string[] = [];
  #isUp = false;

  constructor({ name, script, args, env }: ProgramSpec) {
    this.name = name;
    this.#process = fork(script, args, {
      env: { ...process.env, ...env },
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      // In a group of its own: Ctrl-C reaches us alone, and we end it in good order.
      detached: true,
    });
    this.ended = this.#end();
    this.#process.on("message", (message) => {
      for (const listener of [...this.#listeners]) listener(message);
    });
    if (this.#process.stderr !== null) {
      createInterface({ input: this.#process.stderr }).on("line", (line) => {
        this.#hear(line);
      });
    }
  }

  /** Calls `listener` with whatever the program tells. */
  onMessage(listener: (message: unknown) => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Waits for a message in which `find` finds something.
   * @throws unreachable, with the program's last words, if it ends before.
   */
  until<T>(find: (message: unknown) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const listener = (message: unknown): void => {
        const found = find(message);
        if (found === undefined) return;
        this.#listeners.delete(listener);
        resolve(found);
      };
      this.#listeners.add(listener);
      void this.ended.then((how) => {
        reject(
          new TaborError(
            "unreachable",
            "here",
            `${this.name} could not start: ${this.#lastLines.at(-1) ?? how}`,
          ),
        );
      });
    });
  }

  /** From now on, what it prints on stderr is passed on as it comes. */
  isUp(): void {
    this.#isUp = true;
    for (const line of this.#lastLines.splice(0)) this.#print(line);
  }

  /** Asks it to end, and kills it if it does not. */
  async stop(clock: Clock): Promise<void> {
    this.#process.kill("SIGTERM");
    const cancel = clock.after(STOP_DEADLINE, () => this.#process.kill("SIGKILL"));
    await this.ended;
    cancel();
  }

  #end(): Promise<string> {
    return new Promise((resolve) => {
      this.#process.once("error", (error) => {
        resolve(error.message);
      });
      // Not "exit": what it printed last is still to come then.
      this.#process.once("close", (code, signal) => {
        resolve(signal ?? `exit code ${String(code)}`);
      });
    });
  }

  #hear(line: string): void {
    if (this.#isUp) this.#print(line);
    else if (this.#lastLines.push(line) > KEPT_LINES) this.#lastLines.shift();
  }

  #print(line: string): void {
    process.stderr.write(`[${this.name}] ${line}\n`);
  }
}
