import type { Measured } from "./messages.ts";
import { startChain, startOnion, type MeasuredNetwork } from "./networks.ts";
import type { Figure } from "../lib/figures.ts";
import { median, quantile } from "../lib/stats.ts";

/** Some ten seconds of each network: how fast it is, and not how fast it becomes so. */
const DOWNLOAD_BYTES = 144 * 1_048_576;
const SAMPLES = 120;

/**
 * Three hops beside a plain chain, in turn, round after round, so that both meet the machine in the same moods; ratios are
 * taken round by round.
 */
export async function circuitFigures({ rounds }: { rounds: number }): Promise<Figure[]> {
  const chain: Measured[] = [];
  const onion: Measured[] = [];
  for (let round = 1; round <= rounds; round++) {
    console.log(`circuit: round ${String(round)} of ${String(rounds)}`);
    chain.push(await measureOnce(startChain));
    onion.push(await measureOnce(startOnion));
  }
  return figuresOf(chain, onion);
}

/** One network at a time: an idle one still takes its share of a small machine. */
async function measureOnce(start: () => Promise<MeasuredNetwork>): Promise<Measured> {
  const network = await start();
  try {
    return await network.measure({ bytes: DOWNLOAD_BYTES, samples: SAMPLES });
  } finally {
    network.stop();
  }
}

function figuresOf(chain: readonly Measured[], onion: readonly Measured[]): Figure[] {
  const ratios = onion.map(({ mibps }, round) => mibps / (chain[round]?.mibps ?? NaN));
  const echo = chain.flatMap(({ echoMs }) => echoMs);
  const build = onion.flatMap(({ buildMs }) => buildMs);
  const firstByte = onion.flatMap(({ firstByteMs }) => firstByteMs);
  const chainFirstByte = chain.flatMap(({ firstByteMs }) => firstByteMs);
  return [
    figure(
      "chain.throughput.mibps",
      median(chain.map(({ mibps }) => mibps)),
      "MiB/s",
      "plain chain of three forwarders",
    ),
    figure(
      "node3.throughput.mibps",
      median(onion.map(({ mibps }) => mibps)),
      "MiB/s",
      "three hops between Node peers",
    ),
    figure("node3.throughput.ratio", median(ratios), "", "three hops ÷ plain chain, median of the rounds"),
    ...timing("chain.echo", echo, "echo of one cell over the plain chain"),
    ...timing("chain.firstbyte", chainFirstByte, "first byte from the site over the plain chain"),
    ...timing("circuit.build", build, "building a circuit of three hops"),
    ...timing("stream.firstbyte", firstByte, "first byte of a fresh stream on a built circuit"),
    figure("circuit.build.echoes", median(build) / median(echo), "×", "build ÷ echo"),
    figure("stream.firstbyte.echoes", median(firstByte) / median(echo), "×", "first byte ÷ echo"),
  ];
}

function timing(name: string, values: readonly number[], meaning: string): Figure[] {
  return [
    figure(`${name}.ms.median`, median(values), "ms", meaning),
    figure(`${name}.ms.p95`, quantile(values, 0.95), "ms", `${meaning}, 95th percentile`),
  ];
}

function figure(name: string, value: number, unit: string, meaning: string): Figure {
  return { name, value, unit, meaning };
}
