import { existsSync } from "node:fs";
import { join } from "node:path";
import { shortId } from "@tabor/onion-core";
import {
  HostTrust,
  parseHostAddress,
  parseKnownHosts,
  type Election,
  type HostAddress,
  type KnownHost,
} from "@tabor/rtc-link/adhoc";
import { withLogOptions, type LogOptions } from "@tabor/operator";
import { InvalidArgumentError, type Command } from "commander";
import { endNodeRtc } from "@tabor/rtc-link/node";
import { startAdhocPeer, type AdhocPeer } from "../adhoc/adhoc-peer.ts";
import { ownServer } from "../adhoc/own-server.ts";
import { openPins } from "../adhoc/pins-file.ts";
import { takePlace, type Place } from "../adhoc/place.ts";
import type { PeerDeps } from "../peer/network.ts";
import type { RelayOptions } from "../peer/relay-peer.ts";
import { guardFile } from "../state/guard-file.ts";
import { keptAuthorityKey, keptRelayKeys } from "../state/relay-keys.ts";
import { hasParent } from "./parent.ts";
import { DEFAULT_CAPACITY, MAX_CAPACITY, reportLinks } from "./relay-program.ts";
import { parseBindAddress } from "./network-options.ts";
import { wholeNumber } from "./number-option.ts";
import type { ProgramContext } from "./run-program.ts";
import { say } from "./say.ts";
import { openProxy } from "./socks-program.ts";

export interface PeerOptions extends LogOptions {
  readonly known: readonly KnownHost[];
  readonly listen?: HostAddress;
  readonly state?: string;
  readonly bind?: string;
  /** Whether it carries other people's circuits. */
  readonly relay: boolean;
  /** Port of its SOCKS proxy, which makes it a client. */
  readonly socks?: number;
  /** KiB/s. */
  readonly capacity: number;
  readonly iceServer: readonly string[];
}

export function withPeerOptions(command: Command): Command {
  return withLogOptions(command)
    .option(
      "--known <hosts>",
      "all hosts that may serve the network, the same for everybody: host:port, or host:port=authority to believe no other, with commas between",
      parsing(parseKnownHosts),
    )
    .option(
      "--listen <host:port>",
      "which of them this host is; without it, the first of this machine that no other peer has",
      parsing(parseHostAddress),
    )
    .option("--state <folder>", "where keys, guards and pins are kept (default: .tabor/peer-HOST-PORT)")
    .option("--no-relay", "carry no other people's circuits")
    .option(
      "--socks <port>",
      "also open a SOCKS 5 proxy for programs on this machine",
      wholeNumber(0, 65_535),
    )
    .option("--capacity <KiB/s>", "what it offers", wholeNumber(1, MAX_CAPACITY), DEFAULT_CAPACITY)
    .option("--ice-server <url...>", "STUN server to use, and to tell others of", collectStun, [])
    .option(
      "--bind <address>",
      "the local address for WebRTC; without it, all but loopback",
      parseBindAddress,
    )
    .allowExcessArguments(false);
}

function parsing<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (thrown) {
      throw new InvalidArgumentError(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
}

/** A TURN server would need credentials, which the hosts would have to share. */
function collectStun(url: string, before: readonly string[]): readonly string[] {
  if (!/^stuns?:[\x21-\x7e]+$/.test(url))
    throw new InvalidArgumentError("A STUN server is like stun:stun.example.org:3478.");
  return [...before, url];
}

/** What the program is built beside: the directory that it starts when it is to serve, and the web app for it. */
export interface PeerParts {
  readonly directoryScript: string;
  readonly webFolder: string;
  readonly exit: RelayOptions["exit"];
}

/** Takes part in an ad-hoc network. Resolves once it does; who serves, and the rest, goes on by itself. */
export async function runPeer(
  { onEnd }: ProgramContext,
  options: PeerOptions,
  parts: PeerParts,
  deps: PeerDeps,
): Promise<void> {
  const known = options.known.map(({ address }) => address);
  const { listen, state } = options;
  const place = await takePlace({ known, listen, state });
  onEnd(place.release);
  const trust = await trustIn(place, options, deps);
  const server = await serverAt(place, options, parts, deps);
  tellTrust(trust, place, server?.authority);
  const relay = options.relay ? await relayOptions(place, options, parts) : undefined;
  const guards = guardFile(join(place.folder, "guards"));
  const client = options.socks === undefined ? undefined : ({ guards, padding: "normal" } as const);
  const { bind, iceServer: iceServers } = options;
  const own = place.address;
  const peer = startAdhocPeer({ trust, own, server, relay, client, iceServers, bind }, deps);
  onEnd(endNodeRtc);
  onEnd(peer.close);
  tellElection(peer);
  if (hasParent() && peer.relay) reportLinks({ relay: peer.relay, directory: peer.directory }, deps);
  const { client: user, directory } = peer;
  if (user === undefined || options.socks === undefined) return;
  const where = { host: "127.0.0.1", port: options.socks };
  onEnd(await openProxy(where, { client: user, directory, port: user }, deps));
}

async function trustIn({ folder }: Place, { known }: PeerOptions, { log }: PeerDeps): Promise<HostTrust> {
  const { pins, save } = await openPins(join(folder, "pins"), (reason) => {
    log.warn("what was pinned cannot be kept", { reason });
  });
  return new HostTrust(known, pins, save);
}

/** @throws usage if this host is named with another authority than it has. */
async function serverAt(
  { address, folder }: Place,
  { known, iceServer: iceServers, logLevel }: PeerOptions,
  { directoryScript: script, webFolder }: PeerParts,
  { clock }: PeerDeps,
) {
  if (address === undefined) return undefined;
  const stateFolder = join(folder, "directory");
  const authority = (await keptAuthorityKey(stateFolder)).id;
  const web = existsSync(webFolder) ? webFolder : undefined;
  const server = ownServer({
    ...{ address, authority, hosts: known, script, stateFolder, iceServers, logLevel, clock },
    webFolder: web,
  });
  return { ...server, authority };
}

async function relayOptions(
  { folder }: Place,
  { capacity }: PeerOptions,
  { exit }: PeerParts,
): Promise<RelayOptions> {
  return { keys: await keptRelayKeys(join(folder, "relay")), capacity, family: [], exit };
}

/** The rule by which this network is believed, and how to make it stricter. */
function tellTrust(trust: HostTrust, { address, folder }: Place, authority: string | undefined): void {
  say("An ad-hoc network: whichever of its hosts serves signs alone what all others believe.");
  for (const { address: host } of trust.hosts) {
    if (host === address) say(`  ${host}  this host`);
    else say(`  ${host}  ${ruleFor(trust, host)}`);
  }
  if (address === undefined) say("This host is none of them, and never serves.");
  else say(`To name this host, others write --known …,${address}=${authority ?? ""},…`);
  if (trust.hosts.some(({ address: host }) => host !== address && !trust.isNamed(host))) {
    say(
      `What is pinned is kept in ${join(folder, "pins")}; name the hosts, and nobody has to be believed at first contact.`,
    );
  }
}

function ruleFor(trust: HostTrust, host: HostAddress): string {
  const authority = trust.authorityOf(host);
  if (authority === undefined) return "believed at first contact, and pinned then";
  return `${trust.isNamed(host) ? "named" : "pinned"} with authority ${shortId(authority)}…`;
}

function tellElection({ elector, directory }: AdhocPeer): void {
  const tell = (election: Election): void => {
    say(sentenceFor(election, elector.problem));
  };
  tell(elector.election);
  elector.onChange(tell);
  directory.onState((state) => {
    const server = "host" in elector.election ? elector.election.host.address : "";
    if (state.phase === "joined") say(`Joined the network that ${server} serves`);
    if (state.phase === "lost") say(`Lost ${server}: ${state.reason.message}`);
  });
}

function sentenceFor(election: Election, problem: string | undefined): string {
  switch (election.phase) {
    case "looking":
      return "Looking which of the hosts serves";
    case "waiting":
      return `No host serves; looking again in a moment${problem === undefined ? "" : ` (this one cannot: ${problem})`}`;
    case "starting":
      return "No host serves: this one begins to";
    case "serving":
      return `This host serves the network, at ${election.host.address}`;
    case "joined":
      return `${election.host.address} serves the network (authority ${shortId(election.host.authority)}…); joining it`;
  }
}
