import type { Clock } from "@tabor/onion-core";

/** What a program that starts is given. */
export interface ProgramContext {
  /** Has `wait` called first when the program is told to end, so that what runs may come to its own end; `hurry` aborts when that takes too long for somebody. */
  readonly beforeEnd: (wait: (hurry: AbortSignal) => Promise<void>) => void;
  /** Has `close` called before the process ends; the last registered is called first. */
  readonly onEnd: (close: () => Promise<void> | void) => void;
  /** Ends the program with a sentence on stderr and exit code 1. */
  readonly fail: (reason: unknown) => void;
}

export interface EndingDeps {
  readonly clock: Pick<Clock, "after" | "monotonic">;
  readonly print: (line: string) => void;
  readonly exit: (code: number) => void;
}

/** How long the end may take, in milliseconds, before it is forced; what comes before the end is not counted. */
const END_DEADLINE = 10_000;
/** A signal so soon after the first, in milliseconds, is the same: npm sends Ctrl-C on to us, who have had it from the terminal. */
const ECHO = 1_000;

/** The end of a program: first what runs may end by itself, then everything is closed, then the process exits. */
export class Ending implements ProgramContext {
  readonly #deps: EndingDeps;
  readonly #waits: ((hurry: AbortSignal) => Promise<void>)[] = [];
  readonly #closers: (() => Promise<void> | void)[] = [];
  readonly #hurry = new AbortController();
  #begunAt: number | undefined;

  constructor(deps: EndingDeps) {
    this.#deps = deps;
  }

  readonly beforeEnd = (wait: (hurry: AbortSignal) => Promise<void>): void => {
    this.#waits.push(wait);
  };

  readonly onEnd = (close: () => Promise<void> | void): void => {
    this.#closers.unshift(close);
  };

  readonly fail = (reason: unknown): void => {
    this.#hurry.abort();
    this.#begin(reason instanceof Error ? reason.message : String(reason));
  };

  /** Somebody asks for the end. Who asks a second time does not want to wait. */
  ask(): void {
    if (this.#begunAt === undefined) this.#begin(undefined);
    else if (this.#deps.clock.monotonic() - this.#begunAt >= ECHO) this.#hurry.abort();
  }

  /** Ends without waiting for what runs, but in good order. */
  askNow(): void {
    this.#hurry.abort();
    this.#begin(undefined);
  }

  /** Only the first call counts: what breaks while everything is closed is no news. */
  #begin(failure: string | undefined): void {
    if (this.#begunAt !== undefined) return;
    this.#begunAt = this.#deps.clock.monotonic();
    void this.#end(failure);
  }

  async #end(failure: string | undefined): Promise<void> {
    const { clock, print, exit } = this.#deps;
    await Promise.allSettled(this.#waits.map((wait) => wait(this.#hurry.signal)));
    clock.after(END_DEADLINE, () => {
      exit(1);
    });
    await this.#closeAll().catch(() => undefined);
    if (failure !== undefined) print(failure);
    exit(failure === undefined ? 0 : 1);
  }

  async #closeAll(): Promise<void> {
    for (const close of this.#closers) await close();
  }
}
