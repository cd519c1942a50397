import { TaborError } from "../errors.ts";
import type { Random } from "../ports/random.ts";

/**
 * The fixed-size unit on a link (SPEC §3), 2048 bytes:
 *
 *     circuit id u32 | command u8 | body (2043)
 */
export const CELL_LENGTH = 2048;
const HEADER_LENGTH = 5;
export const BODY_LENGTH = CELL_LENGTH - HEADER_LENGTH;

/** Cells that fit one message of a data channel (SPEC §2.1). */
export const MAX_CELLS_PER_MESSAGE = 8;

/** A circuit's name on one link, 1…2^32−1; 0 stands for the link itself. */
export type CircuitId = number & { readonly __brand: "CircuitId" };

export const LINK_CIRCUIT = 0 as CircuitId;

const COMMANDS = {
  PADDING: 0,
  RELAY: 3,
  DESTROY: 4,
  VERSIONS: 7,
  CREATE2: 10,
  CREATED2: 11,
  PADDING_NEGOTIATE: 12,
  LINK_SENDME: 13,
  AUTHENTICATE: 131,
  AUTHORIZE: 132,
} as const;

export type CellCommand = keyof typeof COMMANDS;

const COMMAND_NAMES = new Map<number, CellCommand>(
  Object.entries(COMMANDS).map(([name, number]) => [number, name as CellCommand]),
);

const LINK_COMMANDS: ReadonlySet<CellCommand> = new Set([
  "PADDING",
  "VERSIONS",
  "PADDING_NEGOTIATE",
  "LINK_SENDME",
  "AUTHENTICATE",
  "AUTHORIZE",
]);

export interface Cell {
  readonly circuitId: CircuitId;
  readonly command: CellCommand;
  /** Up to 2043 bytes; the rest is filled when the cell is written: a RELAY body with random bytes, others with zeros. */
  readonly body: Uint8Array;
}

/** The cells of one message; bodies are views of it. @throws malformed (SPEC §2.1, §3). */
export function decodeCells(message: Uint8Array): Cell[] {
  const count = message.length / CELL_LENGTH;
  if (!Number.isInteger(count) || count < 1 || count > MAX_CELLS_PER_MESSAGE)
    throw malformed("message length");
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const cells: Cell[] = [];
  for (let offset = 0; offset < message.length; offset += CELL_LENGTH) {
    const circuitId = view.getUint32(offset) as CircuitId;
    const command = COMMAND_NAMES.get(view.getUint8(offset + 4));
    if (command === undefined) throw malformed("unknown command");
    if ((circuitId === LINK_CIRCUIT) !== LINK_COMMANDS.has(command)) throw malformed("circuit id");
    cells.push({ circuitId, command, body: message.subarray(offset + HEADER_LENGTH, offset + CELL_LENGTH) });
  }
  return cells;
}

/** One message of 1…8 cells. */
export function encodeCells(cells: readonly Cell[], random: Random): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(cells.length * CELL_LENGTH);
  for (const [i, cell] of cells.entries())
    writeCell(cell, random, message.subarray(i * CELL_LENGTH, (i + 1) * CELL_LENGTH));
  return message;
}

/** @param target 2048 bytes, all of which are written. */
export function writeCell({ circuitId, command, body }: Cell, random: Random, target: Uint8Array): void {
  target[0] = circuitId >>> 24;
  target[1] = circuitId >>> 16;
  target[2] = circuitId >>> 8;
  target[3] = circuitId;
  target[4] = COMMANDS[command];
  target.set(body, HEADER_LENGTH);
  const end = HEADER_LENGTH + body.length;
  // The tail that a layer has freed must not tell where it ends (SPEC §4.2).
  if (command !== "RELAY") target.fill(0, end);
  else if (end < CELL_LENGTH) random.fill(target.subarray(end));
}

function malformed(what: string): TaborError {
  return new TaborError("malformed", "link", `cell: ${what}`);
}
