import type { Duplex } from "./duplex.ts";
import { concat } from "../bytes/bytes.ts";
import { TaborError } from "../errors.ts";

/** Everything up to the end of the other side's direction. @throws resource-limit beyond `most` bytes, or what broke the stream. */
export async function readWhole(stream: Pick<Duplex, "read">, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let piece = await stream.read(); piece !== null; piece = await stream.read()) {
    length += piece.length;
    if (length > most) throw new TaborError("resource-limit", "relay", "more than a stream may bring");
    pieces.push(piece);
  }
  return concat(...pieces);
}
