import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BODY_LENGTH,
  CELL_LENGTH,
  decodeCells,
  encodeCells,
  LINK_CIRCUIT,
  MAX_CELLS_PER_MESSAGE,
  type Cell,
  type CellCommand,
  type CircuitId,
} from "./cell.ts";
import { bytesToHex, concat, hexToBytes } from "../bytes/bytes.ts";
import { inside } from "../testing/hostile-bytes.ts";
import { SeededRandom } from "../testing/seeded-random.ts";

const malformed = expect.objectContaining({ code: "malformed", where: "link" }) as Error;
const linkCommands = [
  "PADDING",
  "VERSIONS",
  "PADDING_NEGOTIATE",
  "LINK_SENDME",
  "AUTHENTICATE",
  "AUTHORIZE",
] as const;
const circuitCommands = ["RELAY", "DESTROY", "CREATE2", "CREATED2"] as const;
const numbers = new Map<CellCommand, number>([
  ["PADDING", 0],
  ["RELAY", 3],
  ["DESTROY", 4],
  ["VERSIONS", 7],
  ["CREATE2", 10],
  ["CREATED2", 11],
  ["PADDING_NEGOTIATE", 12],
  ["LINK_SENDME", 13],
  ["AUTHENTICATE", 131],
  ["AUTHORIZE", 132],
]);

const anyBody = fc.uint8Array({ minLength: BODY_LENGTH, maxLength: BODY_LENGTH });
const anyCircuitId = fc.integer({ min: 1, max: 0xffff_ffff }).map((id) => id as CircuitId);
const anyCell: fc.Arbitrary<Cell> = fc.oneof(
  fc.record({ circuitId: anyCircuitId, command: fc.constantFrom(...circuitCommands), body: anyBody }),
  fc.record({
    circuitId: fc.constant(LINK_CIRCUIT),
    command: fc.constantFrom(...linkCommands),
    body: anyBody,
  }),
);

/** A cell as bytes, made by hand: circuit id (hexadecimal), command, zeros. */
function raw(circuitId: string, command: number): Uint8Array {
  const cell = new Uint8Array(CELL_LENGTH);
  cell.set(hexToBytes(circuitId));
  cell[4] = command;
  return cell;
}

test("one to eight cells are decoded as they were encoded, wherever the message lies", () => {
  fc.assert(
    fc.property(fc.array(anyCell, { minLength: 1, maxLength: MAX_CELLS_PER_MESSAGE }), (cells) => {
      expect(decodeCells(inside(encodeCells(cells, new SeededRandom(1))))).toEqual(cells);
    }),
    { numRuns: 30 },
  );
});

test("a cell is laid out as SPEC §3 says", () => {
  const body = new Uint8Array(BODY_LENGTH).fill(0x55);
  const encoded = encodeCells(
    [{ circuitId: 0x80000102 as CircuitId, command: "CREATE2", body }],
    new SeededRandom(1),
  );
  expect(encoded).toHaveLength(2048);
  expect(bytesToHex(encoded)).toBe(`800001020a${"55".repeat(2043)}`);
});

test.each([...numbers])("%s has its number, %i", (command, number) => {
  const circuitId = linkCommands.some((link) => link === command) ? "00000000" : "00000001";
  expect(decodeCells(raw(circuitId, number))).toMatchObject([{ command }]);
});

describe("what is shorter than a body", () => {
  const body = hexToBytes("0102");

  test("is followed by fresh random bytes in RELAY", () => {
    const random = new SeededRandom(3);
    const cell: Cell = { circuitId: 1 as CircuitId, command: "RELAY", body };
    const message = encodeCells([cell, cell], random);
    const [first, second] = decodeCells(message).map((decoded) => decoded.body);
    expect(first?.subarray(0, 2)).toEqual(body);
    const tails = [first, second].map((bytes) => bytesToHex(bytes?.subarray(2) ?? new Uint8Array()));
    expect(tails[0]).not.toBe(tails[1]);
    // 256 equal bits in a row at either end would tell where the tail begins or that it was not filled.
    for (const tail of tails) expect(tail).not.toMatch(/^0{64}|0{64}$/);
  });

  test("is followed by zeros in every other cell", () => {
    for (const command of ["DESTROY", "CREATE2", "CREATED2"] as const) {
      const message = encodeCells([{ circuitId: 1 as CircuitId, command, body }], new SeededRandom(3));
      expect(message.subarray(5)).toEqual(concat(body, new Uint8Array(BODY_LENGTH - 2)));
    }
  });
});

describe("malformed:", () => {
  const eight = Array.from({ length: 8 }, () => raw("00000000", 0));

  test("a message that is not one to eight whole cells", () => {
    for (const length of [0, 1, 5, 2047, 2049, 4095, 16_383]) {
      expect(() => decodeCells(concat(...eight).slice(0, length))).toThrow(malformed);
    }
    expect(() => decodeCells(concat(...eight, new Uint8Array(1)))).toThrow(malformed);
    expect(() => decodeCells(concat(...eight, raw("00000000", 0)))).toThrow(malformed);
    expect(decodeCells(concat(...eight))).toHaveLength(8);
  });

  test("every command that SPEC §3 does not name", () => {
    const known = new Set(numbers.values());
    for (let command = 0; command < 256; command++) {
      if (known.has(command)) continue;
      for (const circuitId of ["00000000", "00000001"]) {
        expect(() => decodeCells(raw(circuitId, command))).toThrow(malformed);
      }
    }
  });

  test.each(circuitCommands)("%s without a circuit", (command) => {
    expect(() => decodeCells(raw("00000000", numbers.get(command) ?? -1))).toThrow(malformed);
  });

  test.each(linkCommands)("%s of a circuit", (command) => {
    for (const circuitId of ["00000001", "80000000", "ffffffff"]) {
      expect(() => decodeCells(raw(circuitId, numbers.get(command) ?? -1))).toThrow(malformed);
    }
  });

  test("a bad cell behind good ones", () => {
    expect(() => decodeCells(concat(...eight.slice(1), raw("00000000", 3)))).toThrow(malformed);
  });
});
