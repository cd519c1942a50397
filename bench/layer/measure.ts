import type { Aead } from "@tabor/onion-core";
import { Layer } from "../../packages/onion-core/src/crypto/layer.ts";
import { slot } from "../../packages/onion-core/src/crypto/slot.ts";

/** Cells that are under way at once, as on a busy circuit. */
const AT_ONCE = 32;

/** How many cells a second one hop's layer seals as it forwards them inbound (SPEC §4.2). */
export async function cellsPerSecond(aead: Aead, cells: number): Promise<number> {
  const layer = new Layer(await aead.importKey(new Uint8Array(32).fill(7)), slot(4));
  const body = new Uint8Array(2043);
  await sealMany(layer, body, cells / 8);
  const started = performance.now();
  await sealMany(layer, body, cells);
  return cells / ((performance.now() - started) / 1000);
}

async function sealMany(layer: Layer, body: Uint8Array, cells: number): Promise<void> {
  for (let done = 0; done < cells; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => layer.sealForward(body)));
  }
}
