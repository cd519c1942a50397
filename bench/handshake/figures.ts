import { mlKem768 } from "@tabor/onion-core";
import { nodeHandshake } from "../../apps/node/src/platform/node-handshake.ts";
import { titleInChromium } from "../lib/chromium.ts";
import type { Figure } from "../lib/figures.ts";
import { handshakeTimes, type HandshakeTimes } from "./measure.ts";

/** What one hop's handshake costs client and relay together, with ML-KEM and without. */
export async function handshakeFigures(): Promise<Figure[]> {
  console.log("handshake: Node and Chromium");
  const node = await handshakeTimes(nodeHandshake);
  const library = await handshakeTimes({ ...nodeHandshake, kem: mlKem768 });
  const chromium = JSON.parse(
    await titleInChromium(new URL("page.ts", import.meta.url)),
  ) as HandshakeTimes & { readonly library: number };
  return [
    figure("handshake.node.ms", node.hybrid, "one hop's handshake, both sides, in Node"),
    figure("handshake.node.library.ms", library.hybrid, "the same, ML-KEM by the library"),
    figure("handshake.node.ntor.ms", node.ntor, "the same without ML-KEM"),
    figure("handshake.chromium.ms", chromium.hybrid, "one hop's handshake, both sides, in Chromium"),
    figure("handshake.chromium.library.ms", chromium.library, "the same, ML-KEM by the library"),
    figure("handshake.chromium.ntor.ms", chromium.ntor, "the same without ML-KEM"),
  ];
}

function figure(name: string, value: number, meaning: string): Figure {
  return { name, value, unit: "ms", meaning };
}
