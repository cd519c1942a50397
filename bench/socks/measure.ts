import { ProxyClient, type Target } from "./proxy-client.ts";
import { listenTransferSite } from "../lib/transfer-site.ts";
import type { SocksBenchOptions } from "./options.ts";

const MIB = 1_048_576;
type Direction = "download" | "upload";

/** MiB/s of one round, by direction and number of streams. */
export type Speeds = Readonly<Record<`${Direction}.streams${1 | 10}`, number>>;

export interface SocksMeasured {
  /** Milliseconds of each fresh stream of all rounds. */
  readonly firstByteMs: readonly number[];
  readonly speeds: readonly Speeds[];
}

/** Measures the proxy with a site of our own at the far end. */
export async function measureProxy(options: SocksBenchOptions): Promise<SocksMeasured> {
  const site = await listenTransferSite(options.listen, options.sitePort);
  try {
    const target: Target = { host: options.site, port: site.port };
    return await measureRounds(new ProxyClient(options.proxy, target), options);
  } finally {
    site.close();
  }
}

async function measureRounds(client: ProxyClient, options: SocksBenchOptions): Promise<SocksMeasured> {
  const { streams, rounds, mib } = options;
  const firstByteMs: number[] = [];
  const speeds: Speeds[] = [];
  for (let round = 1; round <= rounds; round++) {
    console.log(`socks: round ${round} of ${rounds}`);
    // Circuits of an earlier run or round may be about to end.
    const name = `${Date.now()}`;
    speeds.push(await speedsOf(client, mib * MIB, name));
    await client.transfer({ down: 1, up: 0 }, `${name} short`);
    for (let i = 0; i < Math.ceil(streams / rounds); i++) {
      const { firstByte } = await client.transfer({ down: 1, up: 0 }, `${name} short`);
      firstByteMs.push(firstByte);
    }
  }
  return { firstByteMs, speeds };
}

async function speedsOf(client: ProxyClient, bytes: number, name: string): Promise<Speeds> {
  const isolations = Array.from({ length: 10 }, (_, i) => `${name} ${i}`);
  // Builds the circuits.
  await Promise.all(isolations.map((isolation) => client.transfer({ down: 1, up: 0 }, isolation)));
  const speed = async (direction: Direction, streams: number): Promise<number> => {
    const each = Math.ceil(bytes / streams);
    const transfer = direction === "download" ? { down: each, up: 0 } : { down: 1, up: each };
    const began = performance.now();
    await Promise.all(isolations.slice(0, streams).map((isolation) => client.transfer(transfer, isolation)));
    return bytes / MIB / ((performance.now() - began) / 1000);
  };
  return {
    "download.streams1": await speed("download", 1),
    "download.streams10": await speed("download", 10),
    "upload.streams1": await speed("upload", 1),
    "upload.streams10": await speed("upload", 10),
  };
}
