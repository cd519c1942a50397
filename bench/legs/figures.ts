import { mibps } from "../circuit/measure.ts";
import { type OnionShape, RELAYS_OF_TWO_LEGS, startOnion } from "../circuit/networks.ts";
import { type Figure, figure } from "../lib/figures.ts";
import { median } from "../lib/stats.ts";
import type { LinkQuality } from "../links/link-quality.ts";

interface Links {
  /** In the names of figures. */
  readonly prefix: string;
  readonly quality: LinkQuality | undefined;
  readonly mib: number;
}

const LONG: Links = { prefix: "legs.delay50", quality: { delayMs: 50, loss: 0 }, mib: 16 };

const ONE: OnionShape = { relays: RELAYS_OF_TWO_LEGS, client: [] };
const TWO: OnionShape = { relays: RELAYS_OF_TWO_LEGS, client: ["two-legs"] };

/** MiB/s. */
interface Speeds {
  readonly download: number;
  readonly upload: number;
}

/** Circuits of two legs beside those of one, in turn, over short links and over long ones. */
export async function legFigures({ rounds, mib }: { rounds: number; mib: number }): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const links of [{ prefix: "legs", quality: undefined, mib }, LONG]) {
    const one: Speeds[] = [];
    const two: Speeds[] = [];
    for (let round = 1; round <= rounds; round++) {
      console.log(`${links.prefix}: round ${String(round)} of ${String(rounds)}`);
      one.push(await measure(ONE, links));
      two.push(await measure(TWO, links));
    }
    figures.push(...figuresOf(links.prefix, one, two));
  }
  return figures;
}

async function measure(shape: OnionShape, { quality, mib }: Links): Promise<Speeds> {
  const network = await startOnion(quality, shape);
  try {
    await mibps(network, { mib: mib / 3, direction: "down", streams: 1 });
    const download = await mibps(network, { mib, direction: "down", streams: 1 });
    const upload = await mibps(network, { mib, direction: "up", streams: 1 });
    return { download, upload };
  } finally {
    network.stop();
  }
}

function figuresOf(prefix: string, one: readonly Speeds[], two: readonly Speeds[]): Figure[] {
  const of = (name: string, what: keyof Speeds, way: string): Figure[] => {
    const ratios = two.map((speeds, round) => speeds[what] / (one[round]?.[what] ?? NaN));
    const speed = (legs: string, all: readonly Speeds[]): Figure =>
      figure(
        `${prefix}.${legs}.${name}.mibps`,
        median(all.map((each) => each[what])),
        "MiB/s",
        `${way}, ${legs} leg(s)`,
      );
    return [
      speed("one", one),
      speed("two", two),
      figure(`${prefix}.${name}.ratio`, median(ratios), "", "two legs ÷ one, median of the rounds"),
    ];
  };
  return [...of("throughput", "download", "one stream down"), ...of("upload", "upload", "one stream up")];
}
