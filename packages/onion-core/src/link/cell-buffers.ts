import { CELL_LENGTH } from "../cell/cell.ts";

/** 2 MiB for all links together: a channel that has drained takes 64 cells at once, and their buffers are wanted again soon. */
const MAX_SPARE = 1024;

/**
 * Buffers for cells that wait for a link, used again and again: making one for each cell is a large part of what a relay would
 * spend on it. They never leave the links, and each is written whole before it is read.
 */
export class CellBuffers {
  readonly #spare: Uint8Array[] = [];

  /** 2048 bytes with anything in them. */
  take(): Uint8Array {
    return this.#spare.pop() ?? new Uint8Array(CELL_LENGTH);
  }

  /** @param buffers that nobody uses any more. */
  giveBack(buffers: readonly Uint8Array[]): void {
    for (const buffer of buffers) if (this.#spare.length < MAX_SPARE) this.#spare.push(buffer);
  }
}
