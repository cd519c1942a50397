import { join } from "node:path";
import {
  parseRelayId,
  shortId,
  TaborError,
  type DirectorySource,
  type OnionRelay,
  type RelayId,
} from "@tabor/onion-core";
import { CLIENTS_BIN, type Metric } from "@tabor/operator";
import { LinkCounts } from "@tabor/rtc-link";
import { endNodeRtc } from "@tabor/rtc-link/node";
import { InvalidArgumentError, type Command } from "commander";
import { directoryMetrics } from "../metrics/directory-metrics.ts";
import { ExitCounts } from "../metrics/exit-counts.ts";
import { linkMetrics, natMetric } from "../metrics/link-metrics.ts";
import { relayMetrics, signalledMetric } from "../metrics/relay-metrics.ts";
import { drainRelay } from "../peer/drain-relay.ts";
import { findNetwork, type PeerDeps } from "../peer/network.ts";
import {
  MAX_QUEUE_MEMORY_IN_NODE,
  startRelayPeer,
  type RelayPeer,
  type RelayPeerOptions,
} from "../peer/relay-peer.ts";
import { keepDataUsed, loadDataUsed } from "../state/data-used-file.ts";
import { freshRelayKeys, keptMemberKey, keptRelayKeys } from "../state/relay-keys.ts";
import { keptSpentTokens } from "../state/spent-tokens-folder.ts";
import { withJoinOptions, type JoinOptions } from "./network-options.ts";
import { wholeNumber } from "./number-option.ts";
import { hasParent, tellParent } from "./parent.ts";
import type { ProgramContext } from "./run-program.ts";
import { say } from "./say.ts";
import { serveMetrics } from "./serve-metrics.ts";
import { parseSize } from "./size-option.ts";
import { tellStranger } from "./tell-stranger.ts";

export interface RelayOptions extends JoinOptions {
  readonly capacity: number;
  readonly family: readonly RelayId[];
  /** Folder of the member's key that vouches for it. */
  readonly member?: string;
  /** KiB/s. */
  readonly rate?: number;
  readonly maxCircuits?: number;
  /** Bytes, received and sent added up. */
  readonly maxDataPerDay?: number;
  readonly maxDataPerMonth?: number;
  /** MiB. */
  readonly maxQueueMemory: number;
  /** Seconds that circuits may take to end when the program does. */
  readonly drain?: number;
}

export const MAX_CAPACITY = 0xffff_ffff;
export const DEFAULT_CAPACITY = 8192;
/** KiB/s. Below it, a circuit would hardly be built in time. */
const LEAST_RATE = 20;
/** MiB. Below the least, a few busy circuits would be too many. */
const LEAST_QUEUE_MEMORY = 64;
const MOST_QUEUE_MEMORY = 1_048_576;
const KIBIBYTE = 1024;
const MEBIBYTE = 2 ** 20;
/** Seconds; as Tor's `ShutdownWaitLength`. Who started us as a part of something larger wants it to end now. */
const DEFAULT_DRAIN = 30;
const MAX_DRAIN = 86_400;
/** How often a parent is told of new links, in milliseconds. */
const REPORT_INTERVAL = 200;

export function withRelayOptions(command: Command): Command {
  return withJoinOptions(command, { what: "the relay's keys" })
    .option("--capacity <KiB/s>", "what it offers", wholeNumber(1, MAX_CAPACITY), DEFAULT_CAPACITY)
    .option(
      "--rate <KiB/s>",
      "what all its links together pass on at most, in each direction",
      wholeNumber(LEAST_RATE, MAX_CAPACITY),
    )
    .option("--max-circuits <number>", "what it carries at a time", wholeNumber(1, MAX_CAPACITY))
    .option("--max-data-per-day <size>", `what it carries in a day (UTC), in and out: "20 GB"`, parseSize)
    .option("--max-data-per-month <size>", `the same in a month: "500 GB"`, parseSize)
    .option(
      "--max-queue-memory <MiB>",
      "what all its queues may hold; above it, circuits with the oldest data end",
      wholeNumber(LEAST_QUEUE_MEMORY, MOST_QUEUE_MEMORY),
      MAX_QUEUE_MEMORY_IN_NODE / MEBIBYTE,
    )
    .option(
      "--member <folder>",
      "the member who vouches for it, where members alone are let in; without it, its identity must be registered",
    )
    .option(
      "--drain <seconds>",
      `how long circuits may take to end when it is told to end; told again, it does not wait (default: ${DEFAULT_DRAIN})`,
      wholeNumber(0, MAX_DRAIN),
    )
    .option("--family <id...>", "other relays of yours, never used together with this one", collectRelay, []);
}

function collectRelay(text: string, before: readonly RelayId[]): readonly RelayId[] {
  try {
    return [...before, parseRelayId(text)];
  } catch {
    throw new InvalidArgumentError("A relay is named by 43 characters of base64url.");
  }
}

/** Joins as a relay, or as an exit. Resolves once the directory was found; the rest goes on by itself. */
export async function runRelay(
  context: ProgramContext,
  options: RelayOptions,
  deps: PeerDeps,
  exit?: RelayPeerOptions["exit"],
): Promise<void> {
  const { state, family, member, invite } = options;
  const dataFile = dataFileOf(options);
  const dataUsed = dataFile === undefined ? undefined : await loadDataUsed(dataFile);
  const network = await findNetwork(options, deps);
  const keys = state === undefined ? await freshRelayKeys() : await keptRelayKeys(state);
  const spent =
    state === undefined ? undefined : await keptSpentTokens(join(state, "spent-tokens"), deps.clock.now());
  const voucher = member === undefined ? undefined : () => keptMemberKey(member);
  const counts = { links: new LinkCounts(), exit: exit && new ExitCounts() };
  const peer = startRelayPeer(
    {
      ...{ keys, family, dataUsed, spent, membership: { voucher, invite }, ...limitsOf(options) },
      network: { ...network, connector: counts.links.counted(network.connector) },
      exit: exit && counts.exit?.countedExit(exit),
    },
    deps,
  );
  context.onEnd(endNodeRtc);
  context.onEnd(peer.close);
  if (dataFile !== undefined) context.onEnd(keepDataUsed(peer.relay, dataFile, deps));
  context.beforeEnd((hurry) => drain(peer, options, { hurry, deps }));
  tellStranger(peer.directory, async () => (await voucher?.())?.id ?? keys.identity.id);
  tellProgress(peer, exit === undefined ? "relay" : "exit");
  if (hasParent()) reportLinks(peer, deps);
  await serveMetrics(context, { port: options.metrics, metrics: metricsOf(peer, counts), clock: deps.clock });
}

/** What it may use; and what it offers, which is no more. */
function limitsOf({
  rate,
  capacity,
  maxCircuits,
  maxQueueMemory,
  maxDataPerDay,
  maxDataPerMonth,
}: RelayOptions) {
  const bytesPerSecond = rate === undefined ? undefined : rate * KIBIBYTE;
  const rates = { sendRate: bytesPerSecond, receiveRate: bytesPerSecond };
  return {
    capacity: Math.min(capacity, rate ?? Infinity),
    maxQueueMemory: maxQueueMemory * MEBIBYTE,
    limits: { ...rates, maxCircuits, perDay: maxDataPerDay, perMonth: maxDataPerMonth },
  };
}

/** @returns where it keeps what data was used; undefined if nobody needs it. @throws usage if it has no place. */
function dataFileOf({ state, maxDataPerDay, maxDataPerMonth }: RelayOptions): string | undefined {
  if (state !== undefined) return join(state, "data-used");
  if (maxDataPerDay === undefined && maxDataPerMonth === undefined) return undefined;
  throw new TaborError("usage", "here", "A limit of data needs --state, where it keeps what was used.");
}

async function drain(
  peer: RelayPeer,
  options: RelayOptions,
  { hurry, deps }: { hurry: AbortSignal; deps: PeerDeps },
): Promise<void> {
  const seconds = options.drain ?? (hasParent() ? 0 : DEFAULT_DRAIN);
  const { circuits } = peer.relay.stats;
  if (circuits > 0 && seconds > 0)
    deps.log.info("draining: no new circuits; a second signal ends it", { seconds });
  await drainRelay(peer, { ms: seconds * 1000, hurry, clock: deps.clock });
  deps.log.info("ending");
}

function metricsOf(
  { relay, directory, nat, signalled }: RelayPeer,
  { links, exit }: { links: LinkCounts; exit: ExitCounts | undefined },
): readonly Metric[] {
  const metrics = [
    ...relayMetrics(relay, directory),
    signalledMetric(signalled),
    natMetric(nat),
    ...linkMetrics(links, CLIENTS_BIN),
    ...directoryMetrics(directory),
  ];
  return exit === undefined ? metrics : [...metrics, ...exit.metrics];
}

function tellProgress({ relay, directory }: RelayPeer, kind: string): void {
  directory.onState((state) => {
    if (state.phase === "joined") say(`${kind} ${shortId(relay.id)} has joined the network at its directory`);
    if (state.phase === "lost") say(`${state.reason.message}; trying again in ${seconds(state.retryIn)}`);
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Tells the parent how many relays are linked, whenever that has changed. */
export function reportLinks(
  { relay, directory }: { relay: OnionRelay; directory: DirectorySource },
  { clock }: PeerDeps,
): void {
  let told = -1;
  const report = (): void => {
    clock.after(REPORT_INTERVAL, report);
    const links = relay.stats.relayLinks;
    const isListed = directory.current?.relaysById.has(relay.id) ?? false;
    if (!isListed || links === told) return;
    told = links;
    tellParent({ type: "relay", id: relay.id, links });
  };
  report();
}
