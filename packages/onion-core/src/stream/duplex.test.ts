import { expect, it } from "vitest";
import { startingWith, type Duplex } from "./duplex.ts";

function reading(pieces: readonly string[]): Duplex {
  const left = pieces.map((text) => new TextEncoder().encode(text));
  return {
    read: () => Promise.resolve(left.shift() ?? null),
    write: () => Promise.resolve(),
    end: () => undefined,
    abort: () => undefined,
  };
}

async function all(stream: Duplex): Promise<readonly string[]> {
  const read: string[] = [];
  for (let piece = await stream.read(); piece !== null; piece = await stream.read())
    read.push(new TextDecoder().decode(piece));
  return read;
}

it("is read from the given bytes on, once", async () => {
  expect(await all(startingWith(new TextEncoder().encode("a"), reading(["b", "c"])))).toEqual([
    "a",
    "b",
    "c",
  ]);
});

it("never gives an empty piece", async () => {
  expect(await all(startingWith(new Uint8Array(0), reading(["b"])))).toEqual(["b"]);
});
