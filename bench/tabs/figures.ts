import { Tabs } from "./tabs.ts";
import { mibps } from "../circuit/measure.ts";
import { chainOf, type MeasuredNetwork, onionOf, roleOf } from "../circuit/networks.ts";
import { Processes } from "../circuit/processes.ts";
import { type Figure, figure } from "../lib/figures.ts";
import { median } from "../lib/stats.ts";

const MIB = 64;
const WARM_UP_MIB = 24;
const TABS = 3;
/** The site is in the last page, whatever port it is asked for. */
const SITE = { transfer: 80, echo: 80 };

export interface TabsOptions {
  readonly rounds: number;
  /** Where to write what the main threads of relays do; undefined: nowhere. */
  readonly profile: string | undefined;
}

interface TabsMeasured {
  /** MiB/s. */
  readonly download: number;
  readonly upload: number;
  /** Of the whole browser, for one of its three tabs. */
  readonly cpuSecondsPerGib: number;
  /** Milliseconds. */
  readonly longTasks: readonly number[];
}

/** Three tabs of Chromium as relays beside a chain of three plain forwarding tabs; the client is a Node process. */
export async function tabsFigures({ rounds, profile }: TabsOptions): Promise<Figure[]> {
  const chain: TabsMeasured[] = [];
  const onion: TabsMeasured[] = [];
  for (let round = 1; round <= rounds; round++) {
    console.log(`tabs: round ${round} of ${rounds}`);
    chain.push(await measureTabs("forwarder-page.ts", startChainOfTabs, undefined));
    onion.push(await measureTabs("relay-page.ts", startOnionOfTabs, round === rounds ? profile : undefined));
  }
  return [
    ...speedFigures(chain, onion),
    ...pageFigures("tabs.forwarder", chain),
    ...pageFigures("tabs.relay", onion),
  ];
}

function startChainOfTabs(processes: Processes, tabs: Tabs): Promise<MeasuredNetwork> {
  return chainOf(processes, SITE, async (name, next) => processes.add(name, await tabs.open(name, next)));
}

function startOnionOfTabs(processes: Processes, tabs: Tabs): Promise<MeasuredNetwork> {
  return onionOf(processes, SITE, async (name) => processes.add(name, await tabs.open(name, roleOf(name))));
}

async function measureTabs(
  page: string,
  start: (processes: Processes, tabs: Tabs) => Promise<MeasuredNetwork>,
  profile: string | undefined,
): Promise<TabsMeasured> {
  const tabs = await Tabs.launch(new URL(page, import.meta.url));
  const processes = new Processes(undefined);
  try {
    const network = await start(processes, tabs);
    await mibps(network, { mib: WARM_UP_MIB, direction: "down", streams: 1 });
    await tabs.longTasks();
    const before = await tabs.cpuSeconds();
    const download = await mibps(network, { mib: MIB, direction: "down", streams: 1 });
    const upload = await mibps(network, { mib: MIB, direction: "up", streams: 1 });
    const seconds = (await tabs.cpuSeconds()) - before;
    const longTasks = await tabs.longTasks();
    if (profile !== undefined)
      await tabs.profiled(profile, () => mibps(network, { mib: MIB, direction: "down", streams: 1 }));
    return { download, upload, cpuSecondsPerGib: seconds / TABS / ((2 * MIB) / 1024), longTasks };
  } finally {
    processes.stop();
    await tabs.close();
  }
}

function speedFigures(chain: readonly TabsMeasured[], onion: readonly TabsMeasured[]): Figure[] {
  const of = (name: string, what: "download" | "upload", meaning: string): Figure[] => {
    const plain = chain.map((one) => one[what]);
    const speeds = onion.map((one) => one[what]);
    const ratios = speeds.map((speed, round) => speed / (plain[round] ?? NaN));
    return [
      figure(`tabs.chain.${name}.mibps`, median(plain), "MiB/s", `three plain forwarding tabs, ${meaning}`),
      figure(`tabs3.${name}.mibps`, median(speeds), "MiB/s", `three hops through tabs, ${meaning}`),
      figure(`tabs3.${name}.ratio`, median(ratios), "", "÷ plain chain of tabs, median of the rounds"),
    ];
  };
  return [...of("throughput", "download", "down, one stream"), ...of("upload", "upload", "up, one stream")];
}

function pageFigures(name: string, all: readonly TabsMeasured[]): Figure[] {
  const long = all.flatMap(({ longTasks }) => longTasks);
  return [
    figure(
      `${name}.cpu.seconds`,
      median(all.map(({ cpuSecondsPerGib }) => cpuSecondsPerGib)),
      "s/GiB",
      "processor time of one tab: a third of the browser's",
    ),
    figure(
      `${name}.longtask.ms`,
      Math.max(0, ...long),
      "ms",
      "longest task of 50 ms or more of a page that relays; 0: none",
    ),
    figure(`${name}.longtask.count`, long.length, "", "and how many there were"),
  ];
}
