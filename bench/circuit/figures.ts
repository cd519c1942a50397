import {
  type ChainMeasured,
  type CircuitPlan,
  measureChain,
  measureOnion,
  type OnionMeasured,
} from "./measure.ts";
import { type Figure, figure, timing } from "../lib/figures.ts";
import { median } from "../lib/stats.ts";

const SAMPLES = 120;

/**
 * Circuits of three hops beside a plain chain.
 * @param mib of each transfer: some seconds, so that it is told how fast it is, and not how fast it becomes so.
 */
export function circuitFigures({ rounds, mib }: { rounds: number; mib: number }): Promise<Figure[]> {
  return circuitFiguresOf("circuit", "", {
    rounds,
    plan: { mib, samples: SAMPLES, quality: undefined },
  });
}

/**
 * In turn, round after round, so that both meet the machine in the same moods; ratios are taken round by round.
 * @param prefix of all names.
 */
export async function circuitFiguresOf(
  part: string,
  prefix: string,
  { rounds, plan }: { rounds: number; plan: CircuitPlan },
): Promise<Figure[]> {
  const chain: ChainMeasured[] = [];
  const onion: OnionMeasured[] = [];
  for (let round = 1; round <= rounds; round++) {
    console.log(`${part}: round ${String(round)} of ${String(rounds)}`);
    chain.push(await measureChain(plan));
    onion.push(await measureOnion(plan));
  }
  const figures = [
    ...speedFigures(chain, onion),
    ...timeFigures(chain, onion),
    ...interactiveFigures(onion),
    ...costFigures(chain, onion),
  ];
  return figures.map((one) => ({ ...one, name: `${prefix}${one.name}` }));
}

function speedFigures(chain: readonly ChainMeasured[], onion: readonly OnionMeasured[]): Figure[] {
  const of = (name: string, what: "download" | "upload", streams: "" | "10", meaning: string): Figure[] => {
    const speeds = onion.map((one) => one[`${what}${streams}`]);
    const ratios = speeds.map((speed, round) => speed / (chain[round]?.[what] ?? NaN));
    return [
      figure(`node3.${name}.mibps`, median(speeds), "MiB/s", `three hops between Node peers, ${meaning}`),
      figure(`node3.${name}.ratio`, median(ratios), "", "÷ plain chain, median of the rounds"),
    ];
  };
  return [
    figure(
      "chain.throughput.mibps",
      median(chain.map(({ download }) => download)),
      "MiB/s",
      "plain chain, down",
    ),
    figure("chain.upload.mibps", median(chain.map(({ upload }) => upload)), "MiB/s", "plain chain, up"),
    ...of("throughput", "download", "", "down, one stream"),
    ...of("upload", "upload", "", "up, one stream"),
    ...of("throughput.streams10", "download", "10", "down, ten streams on ten circuits together"),
    ...of("upload.streams10", "upload", "10", "up, ten streams on ten circuits together"),
  ];
}

function timeFigures(chain: readonly ChainMeasured[], onion: readonly OnionMeasured[]): Figure[] {
  const echo = chain.flatMap(({ echoMs }) => echoMs);
  const build = onion.flatMap(({ buildMs }) => buildMs);
  const firstByte = onion.flatMap(({ firstByteMs }) => firstByteMs);
  const chainFirstByte = chain.flatMap(({ firstByteMs }) => firstByteMs);
  return [
    ...timing("chain.echo", echo, "echo of one cell over the plain chain"),
    ...timing("chain.firstbyte", chainFirstByte, "first byte from the site over the plain chain"),
    ...timing("circuit.build", build, "building a circuit of three hops"),
    ...timing("stream.firstbyte", firstByte, "first byte of a fresh stream on a built circuit"),
    figure("circuit.build.echoes", median(build) / median(echo), "×", "build ÷ echo"),
    figure("stream.firstbyte.echoes", median(firstByte) / median(echo), "×", "first byte ÷ echo"),
  ];
}

function interactiveFigures(onion: readonly OnionMeasured[]): Figure[] {
  const ratios = onion.map(({ idleMs, besideBulkMs }) => median(besideBulkMs) / median(idleMs));
  const beside = onion.flatMap(({ besideBulkMs }) => besideBulkMs);
  const idle = onion.flatMap(({ idleMs }) => idleMs);
  return [
    ...timing("interactive.idle", idle, "echo of 64 bytes by the site over a circuit, nothing else going on"),
    ...timing("interactive.bulk10", beside, "the same beside ten circuits that download as fast as they can"),
    figure("interactive.ratio", median(ratios), "×", "beside bulk ÷ idle, medians; median of the rounds"),
  ];
}

function costFigures(chain: readonly ChainMeasured[], onion: readonly OnionMeasured[]): Figure[] {
  const of = (name: string, who: string, all: readonly ChainMeasured["cost"][]): Figure[] => [
    figure(
      `${name}.cpu.seconds`,
      median(all.map(({ cpuSecondsPerGib }) => cpuSecondsPerGib)),
      "s/GiB",
      `processor time of ${who}`,
    ),
    figure(
      `${name}.memory.mib`,
      Math.max(...all.map(({ peakMib }) => peakMib)),
      "MiB",
      `most memory of ${who} (resident set)`,
    ),
  ];
  return [
    ...of(
      "forwarder",
      "a plain forwarder",
      chain.map(({ cost }) => cost),
    ),
    ...of(
      "relay",
      "a relay",
      onion.map(({ cost }) => cost),
    ),
  ];
}
