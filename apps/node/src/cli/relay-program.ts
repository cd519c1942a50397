import { parseRelayId, shortId, type RelayId } from "@tabor/onion-core";
import { endNodeRtc } from "@tabor/rtc-link/node";
import { InvalidArgumentError, type Command } from "commander";
import { findNetwork, type PeerDeps } from "../peer/network.ts";
import {
  MAX_QUEUE_MEMORY_IN_NODE,
  startRelayPeer,
  type RelayPeer,
  type RelayPeerOptions,
} from "../peer/relay-peer.ts";
import { freshRelayKeys, keptMemberKey, keptRelayKeys } from "../state/relay-keys.ts";
import { withJoinOptions, type JoinOptions } from "./network-options.ts";
import { wholeNumber } from "./number-option.ts";
import { hasParent, tellParent } from "./parent.ts";
import type { ProgramContext } from "./run-program.ts";
import { say } from "./say.ts";
import { tellStranger } from "./tell-stranger.ts";

export interface RelayOptions extends JoinOptions {
  readonly capacity: number;
  readonly family: readonly RelayId[];
  /** Folder of the member's key that vouches for it. */
  readonly member?: string;
  /** KiB/s. */
  readonly rate?: number;
  readonly maxCircuits?: number;
  /** MiB. */
  readonly maxQueueMemory: number;
}

const MAX_CAPACITY = 0xffff_ffff;
const DEFAULT_CAPACITY = 8192;
/** KiB/s. Below it, a circuit would hardly be built in time. */
const LEAST_RATE = 20;
/** MiB. Below the least, a few busy circuits would be too many. */
const LEAST_QUEUE_MEMORY = 64;
const MOST_QUEUE_MEMORY = 1_048_576;
const KIBIBYTE = 1024;
const MEBIBYTE = 2 ** 20;
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
  { onEnd }: ProgramContext,
  options: RelayOptions,
  deps: PeerDeps,
  exit?: RelayPeerOptions["exit"],
): Promise<void> {
  const { state, family, rate, maxCircuits } = options;
  // What it offers is no more than what it is allowed.
  const capacity = Math.min(options.capacity, rate ?? Infinity);
  const bytesPerSecond = rate === undefined ? undefined : rate * KIBIBYTE;
  const limits = { sendRate: bytesPerSecond, receiveRate: bytesPerSecond, maxCircuits };
  const maxQueueMemory = options.maxQueueMemory * MEBIBYTE;
  const network = await findNetwork(options, deps);
  const keys = state === undefined ? await freshRelayKeys() : await keptRelayKeys(state);
  const { member, invite } = options;
  const voucher = member === undefined ? undefined : () => keptMemberKey(member);
  const membership = { voucher, invite };
  const peer = startRelayPeer(
    { network, keys, membership, capacity, family, maxQueueMemory, limits, exit },
    deps,
  );
  onEnd(endNodeRtc);
  onEnd(peer.close);
  tellStranger(peer.directory, async () => (await voucher?.())?.id ?? keys.identity.id);
  tellProgress(peer, exit === undefined ? "relay" : "exit");
  if (hasParent()) reportLinks(peer, deps);
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
function reportLinks({ relay, directory }: RelayPeer, { clock }: PeerDeps): void {
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
