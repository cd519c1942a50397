import { FORWARDERS, type MeasuredNetwork, RELAYS, startChain, startOnion } from "./networks.ts";
import type { Usage } from "./usage.ts";
import type { Transfer } from "../lib/transfer.ts";
import type { LinkQuality } from "../links/link-quality.ts";

const MIB = 1_048_576;
const BULK_CIRCUITS = 10;
/** A third is downloaded before time is taken: code that is still being compiled says little about the network. */
const WARM_UP = 3;

/** How much is measured, and over what. */
export interface CircuitPlan {
  /** Of each transfer. */
  readonly mib: number;
  /** Of each thing that takes milliseconds. */
  readonly samples: number;
  /** Undefined: links as good as the machine makes them. */
  readonly quality: LinkQuality | undefined;
}

/** What standing between client and site costs each process of it, on average; the peak is the largest of them. */
export interface Cost {
  readonly cpuSecondsPerGib: number;
  readonly peakMib: number;
}

/** Speeds in MiB/s; lists in milliseconds. */
export interface ChainMeasured {
  readonly download: number;
  readonly upload: number;
  readonly cost: Cost;
  readonly echoMs: readonly number[];
  readonly firstByteMs: readonly number[];
}

export interface OnionMeasured extends Omit<ChainMeasured, "echoMs"> {
  /** Together, over ten streams on ten circuits. */
  readonly download10: number;
  readonly upload10: number;
  readonly buildMs: readonly number[];
  readonly idleMs: readonly number[];
  readonly besideBulkMs: readonly number[];
}

/** A chain of its own: an idle network still takes its share of a small machine. */
export function measureChain(plan: CircuitPlan): Promise<ChainMeasured> {
  return withNetwork(startChain(plan.quality), async (network) => {
    const { mib, samples } = plan;
    // Bulk data comes first: what it compiles is what the short exchanges then run on, as in a relay that has been up for a while.
    await mibps(network, { mib: mib / WARM_UP, direction: "down", streams: 1 });
    const before = network.usage();
    const download = await mibps(network, { mib, direction: "down", streams: 1 });
    const upload = await mibps(network, { mib, direction: "up", streams: 1 });
    const cost = costOf(FORWARDERS, { before, after: network.usage(), mib: 2 * mib });
    const echoMs = await network.run({ kind: "echo", samples });
    const firstByteMs = await network.run({ kind: "firstByte", samples });
    return { download, upload, cost, echoMs, firstByteMs };
  });
}

export function measureOnion(plan: CircuitPlan): Promise<OnionMeasured> {
  return withNetwork(startOnion(plan.quality), async (network) => {
    const { mib, samples } = plan;
    const streams = BULK_CIRCUITS;
    await mibps(network, { mib: mib / WARM_UP, direction: "down", streams: 1 });
    const before = network.usage();
    const download = await mibps(network, { mib, direction: "down", streams: 1 });
    const upload = await mibps(network, { mib, direction: "up", streams: 1 });
    const download10 = await mibps(network, { mib, direction: "down", streams });
    const upload10 = await mibps(network, { mib, direction: "up", streams });
    const cost = costOf(RELAYS, { before, after: network.usage(), mib: 4 * mib });
    const buildMs = await network.run({ kind: "build", samples });
    const firstByteMs = await network.run({ kind: "firstByte", samples });
    const idleMs = await network.run({ kind: "interactive", samples, bulk: 0 });
    const besideBulkMs = await network.run({ kind: "interactive", samples, bulk: BULK_CIRCUITS });
    const speeds = { download, upload, download10, upload10 };
    return { ...speeds, cost, buildMs, firstByteMs, idleMs, besideBulkMs };
  });
}

async function withNetwork<T>(
  starting: Promise<MeasuredNetwork>,
  measure: (network: MeasuredNetwork) => Promise<T>,
): Promise<T> {
  const network = await starting;
  try {
    return await measure(network);
  } finally {
    network.stop();
  }
}

interface Bulk {
  readonly mib: number;
  readonly direction: "down" | "up";
  readonly streams: number;
}

/** MiB/s of one bulk transfer. */
export async function mibps(network: MeasuredNetwork, { mib, direction, streams }: Bulk): Promise<number> {
  const bytes = Math.ceil((mib * MIB) / streams);
  const transfer: Transfer = direction === "down" ? { down: bytes, up: 0 } : { down: 1, up: bytes };
  const [seconds = NaN] = await network.run({ kind: "transfer", transfer, streams });
  return mib / seconds;
}

type Usages = ReadonlyMap<string, Usage>;

/** @param names of the processes that what was carried, `mib`, went through, each of them. */
export function costOf(
  names: readonly string[],
  { before, after, mib }: { before: Usages; after: Usages; mib: number },
): Cost {
  const seconds = names.map(
    (name) => (after.get(name)?.cpuSeconds ?? NaN) - (before.get(name)?.cpuSeconds ?? NaN),
  );
  const mean = seconds.reduce((sum, each) => sum + each, 0) / names.length;
  return {
    cpuSecondsPerGib: mean / (mib / 1024),
    peakMib: Math.max(...names.map((name) => after.get(name)?.peakMib ?? NaN)),
  };
}
