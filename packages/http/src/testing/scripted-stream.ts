import { TaborError, type Cancel, type Clock, type Duplex } from "@tabor/onion-core";

/** What the other side of a `ScriptedStream` does: sends bytes, ends, breaks, or says nothing for ever. */
export type Step = Uint8Array | "end" | "silence" | TaborError;

/** A stream whose other side follows a script; it remembers what was written and how it was closed. */
export class ScriptedStream implements Duplex {
  readonly written: number[] = [];
  aborted: TaborError | undefined;
  readonly #steps: Step[];
  #wake: (error: TaborError) => void = () => undefined;

  constructor(steps: readonly Step[]) {
    this.#steps = [...steps];
  }

  async read(): Promise<Uint8Array | null> {
    if (this.aborted !== undefined) throw this.aborted;
    const step = this.#steps.shift() ?? "end";
    await Promise.resolve();
    if (step === "end") return null;
    if (step instanceof TaborError) throw step;
    return step === "silence" ? this.#forever() : step;
  }

  write(bytes: Uint8Array): Promise<void> {
    this.written.push(...bytes);
    return Promise.resolve();
  }

  end(): void {
    // Nobody listens on the other side.
  }

  abort(error: TaborError): void {
    this.aborted ??= error;
    this.#wake(error);
  }

  /** Steps that nobody has read. */
  get left(): number {
    return this.#steps.length;
  }

  #forever(): Promise<null> {
    return new Promise((_, reject) => {
      this.#wake = reject;
    });
  }
}

/** A clock that stands still until `advance`. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ at: number; fn: () => void }>();

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, fn: () => void): Cancel {
    const timer = { at: this.#now + ms, fn };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  soon(fn: () => void): void {
    void Promise.resolve().then(fn);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#now)) {
      this.#timers.delete(timer);
      timer.fn();
    }
  }

  /** Waits that have not ended. */
  get waiting(): number {
    return this.#timers.size;
  }
}

/** Text as Latin-1 bytes, with "\n" written as CRLF. */
export function wire(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.replaceAll("\n", "\r\n"), (character) => character.charCodeAt(0));
}

/** Bytes one by one, each a view that does not start at the beginning of its buffer. */
export function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(0xff, byte, 0xff).subarray(1, 2));
}
