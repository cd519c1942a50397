import type { LinkQuality } from "./link-quality.ts";
import { circuitFiguresOf } from "../circuit/figures.ts";
import type { Figure } from "../lib/figures.ts";

interface LongLinks {
  readonly name: string;
  readonly quality: LinkQuality;
  /** Of each transfer: some seconds. */
  readonly mib: number;
}

const SAMPLES = 30;
const LONG_LINKS: readonly LongLinks[] = [
  { name: "delay50", quality: { delayMs: 50, loss: 0 }, mib: 8 },
  { name: "delay100", quality: { delayMs: 100, loss: 0 }, mib: 6 },
  { name: "loss1", quality: { delayMs: 0, loss: 0.01 }, mib: 8 },
  { name: "delay50loss1", quality: { delayMs: 50, loss: 0.01 }, mib: 2 },
];

/** What `circuitFigures` measures, where each link is longer or loses datagrams. */
export async function linkFigures({ rounds }: { rounds: number }): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { name, quality, mib } of LONG_LINKS) {
    const plan = { mib, samples: SAMPLES, quality };
    figures.push(...(await circuitFiguresOf(`links, ${name}`, `links.${name}.`, { rounds, plan })));
  }
  return figures;
}
