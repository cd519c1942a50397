import { DeliverWindow, STREAM_WINDOW } from "../circuit/windows.ts";
import { concat } from "../bytes/bytes.ts";
import type { TaborError } from "../errors.ts";

/** Cells in one read. All at once would reopen the whole window for a reader who is stuck with what he took. */
const MAX_TAKEN = 32;

/**
 * What has come on a stream and waits for its reader: at most a stream window of cells. The window opens again as the
 * reader takes them, so a slow reader slows its sender, and nobody else (SPEC §6.4).
 */
export class Inbox {
  readonly #window = new DeliverWindow(STREAM_WINDOW);
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #end: { readonly error: TaborError | null } | undefined;
  #wake: (() => void) | undefined;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a cell that has come. @throws protocol beyond the window. */
  count(): void {
    this.#window.take();
  }

  /** Takes a copy. */
  add(data: Uint8Array): void {
    this.#chunks.push(data.slice());
    this.#bytes += data.length;
    this.#wake?.();
  }

  /** Nothing more will come. @param error null for an orderly end; the reader gets it after what waits. */
  finish(error: TaborError | null): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** Drops what waits; the reader gets the error at once. */
  fail(error: TaborError): void {
    this.#chunks = [];
    this.#bytes = 0;
    this.#end = { error };
    this.#wake?.();
  }

  /** Some of what waits, at least one byte, and how many STREAM_SENDMEs are due for it; null at the end. */
  async take(): Promise<{ readonly bytes: Uint8Array; readonly sendmes: number } | null> {
    while (this.#chunks.length === 0) {
      if (this.#end !== undefined) {
        if (this.#end.error !== null) throw this.#end.error;
        return null;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#wake = undefined;
    return this.#takeSome();
  }

  #takeSome(): { bytes: Uint8Array; sendmes: number } {
    const chunks = this.#chunks.splice(0, MAX_TAKEN);
    const [first] = chunks;
    const bytes = first !== undefined && chunks.length === 1 ? first : concat(...chunks);
    this.#bytes -= bytes.length;
    return { bytes, sendmes: this.#window.use(chunks.length) };
  }
}
