import { resolve } from "node:path";
import { parseRelayId } from "@tabor/onion-core";
import { parseWithConfig, withLogOptions, type LogOptions } from "@tabor/operator";
import { ADMISSION_MODES, parseKnownHosts, type AdmissionMode, type KnownHost } from "@tabor/signal-protocol";
import { Command, InvalidArgumentError, Option } from "commander";
import type { AuthorityServer } from "./authorities/http-peers.ts";
import { isTurn } from "./ice-servers.ts";
import { DEFAULT_SITE } from "./web/hosts.ts";

/** What the operator asked for on the command line. */
export interface SignalOptions extends LogOptions {
  readonly host: string;
  readonly port: number;
  readonly stateFolder: string;
  readonly webFolder: string | undefined;
  /** The app is at `app.` and pages are shown from `view.` of this name. */
  readonly site: string;
  readonly allowedOrigins: ReadonlySet<string>;
  /** URLs of STUN and TURN servers that peers are told of. */
  readonly iceServers: readonly string[];
  /** File of the secret that is shared with the TURN servers; there if one is named. */
  readonly turnSecretFile: string | undefined;
  /** The hosts that may serve, if the network is an ad-hoc one. */
  readonly hosts: readonly KnownHost[] | undefined;
  readonly admission: AdmissionMode;
  /** The network's other authorities; without any, this one is alone. */
  readonly others: readonly AuthorityServer[];
  /** Milliseconds of a round of theirs (SPEC §8.4). */
  readonly roundMs: number;
  /** Say which key this authority has, and end. */
  readonly printKey: boolean;
  /** The Redis of this authority's brokers; without it, this process is the only one. */
  readonly redis: string | undefined;
}

interface RawOptions extends LogOptions {
  host: string;
  port: number;
  state: string;
  web?: string;
  site: string;
  allowOrigin: string[];
  iceServer: string[];
  turnSecretFile?: string;
  adhoc?: readonly KnownHost[];
  admission: AdmissionMode;
  peers: readonly AuthorityServer[];
  round: number;
  printKey: boolean;
  redis?: string;
}

/** Milliseconds: enough for a vote of a few thousand relays to cross an ocean, and for clocks that NTP keeps. */
const DEFAULT_ROUND = 2000;
const MIN_ROUND = 100;
const MAX_ROUND = 60_000;
const MAX_ICE_URLS = 8;
/** With this one, as many as a client takes (SPEC §9.1). */
const MAX_PEERS = 15;

/** Ends the program, with a sentence on stderr, for anything that it does not understand. */
export function parseOptions(argv: readonly string[]): SignalOptions {
  const command = new Command("authority")
    .description(
      "An authority of a Tabor network: its directory and broker, which also serves the web app. Alone, or with --peers one of several.",
    )
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on, 0 for any free one", parsePort, 8080)
    .option("--state <folder>", "where the authority's key and the members are kept", ".tabor/signal")
    .option("--web <folder>", "the built web app to serve")
    .option("--site <name>", "domain whose app. and view. lead to this server", parseSite, DEFAULT_SITE)
    .option("--allow-origin <origin...>", "other web origins that may take part", collectOrigin, [])
    .option("--ice-server <url...>", "STUN or TURN server that peers are told of", collectIceServer, [])
    .option("--turn-secret-file <file>", "file of the secret shared with them: coturn's static-auth-secret")
    .option("--adhoc <hosts>", "the hosts of an ad-hoc network that this is one of", parseHosts)
    .addOption(
      new Option("--admission <mode>", "whom it lets in: anybody, the invited, or members alone")
        .choices(ADMISSION_MODES)
        .default("open"),
    )
    .option(
      "--peers <url#key...>",
      "the network's other authorities, each with its key: together they sign one consensus",
      collectPeers,
      [],
    )
    .option("--round <ms>", "how long a round among them takes: the same for all", parseRound, DEFAULT_ROUND)
    .option(
      "--redis <url>",
      "share the work with other processes that have the same key and this Redis",
      parseRedis,
    )
    .option("--print-key", "print this authority's key, which is made the first time, and end", false)
    .allowExcessArguments(false);
  const raw = parseWithConfig(withLogOptions(command), argv).opts<RawOptions>();
  refuseContradictions(command, raw);
  return {
    host: raw.host,
    port: raw.port,
    stateFolder: resolve(raw.state),
    webFolder: raw.web === undefined ? undefined : resolve(raw.web),
    site: raw.site,
    allowedOrigins: new Set(raw.allowOrigin),
    iceServers: raw.iceServer,
    turnSecretFile: raw.turnSecretFile === undefined ? undefined : resolve(raw.turnSecretFile),
    hosts: raw.adhoc,
    admission: raw.admission,
    others: raw.peers,
    roundMs: raw.round,
    printKey: raw.printKey,
    redis: raw.redis,
    logLevel: raw.logLevel,
    ...(raw.logFormat !== undefined && { logFormat: raw.logFormat }),
    ...(raw.logAddresses !== undefined && { logAddresses: raw.logAddresses }),
  };
}

function refuseContradictions(command: Command, raw: RawOptions): void {
  if (raw.redis !== undefined && (raw.admission !== "open" || raw.peers.length > 0 || raw.adhoc)) {
    command.error(
      "error: --redis is for an open network with one authority: it goes with no --admission, --peers or --adhoc.",
    );
  }
  if (raw.iceServer.some(isTurn) && raw.turnSecretFile === undefined)
    command.error("error: A TURN server needs --turn-secret-file: no peer may use it without credentials.");
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("A port is 0 to 65535.");
  return port;
}

function parseRedis(text: string): string {
  const isUrl = URL.canParse(text) && ["redis:", "rediss:"].includes(new URL(text).protocol);
  if (!isUrl) throw new InvalidArgumentError("A Redis is like redis://127.0.0.1:6379.");
  return text;
}

function parseHosts(text: string): readonly KnownHost[] {
  try {
    return parseKnownHosts(text);
  } catch (thrown) {
    throw new InvalidArgumentError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function parseSite(text: string): string {
  if (!/^(?=.{1,200}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(text)) {
    throw new InvalidArgumentError("A domain is like example.org, in lower case.");
  }
  return text;
}

function parseRound(text: string): number {
  const ms = Number(text);
  if (!/^\d{3,5}$/.test(text) || ms < MIN_ROUND || ms > MAX_ROUND) {
    throw new InvalidArgumentError("A round takes 100 to 60000 milliseconds.");
  }
  return ms;
}

/** Several may stand in one argument, with commas between. */
function collectPeers(text: string, before: readonly AuthorityServer[]): readonly AuthorityServer[] {
  const peers = [...before, ...text.split(",").map(parsePeer)];
  const keys = new Set(peers.map(({ authority }) => authority));
  if (keys.size < peers.length) throw new InvalidArgumentError("An authority is named twice.");
  if (peers.length > MAX_PEERS) throw new InvalidArgumentError("A network has at most 16 authorities.");
  return peers;
}

function parsePeer(text: string): AuthorityServer {
  const [url = "", key = ""] = text.split("#", 2);
  try {
    const { origin, protocol } = new URL(url);
    if (protocol === "http:" || protocol === "https:") return { url: origin, authority: parseRelayId(key) };
  } catch {
    // Told below, as for another protocol.
  }
  throw new InvalidArgumentError(
    "Another authority is like https://b.example#KEY, with its key of 43 characters.",
  );
}

function collectOrigin(text: string, before: readonly string[]): readonly string[] {
  if (!URL.canParse(text) || new URL(text).origin !== text) {
    throw new InvalidArgumentError("An origin is like https://example.org, without a path.");
  }
  return [...before, text];
}

function collectIceServer(text: string, before: readonly string[]): readonly string[] {
  if (!/^(?:stun|turn)s?:[\x21-\x7e]+$/.test(text)) {
    throw new InvalidArgumentError("An ICE server is like stun:stun.example.org:3478.");
  }
  // As many of a kind as one entry of tabor.json may have.
  if (before.filter((url) => isTurn(url) === isTurn(text)).length >= MAX_ICE_URLS)
    throw new InvalidArgumentError("At most 8 STUN and 8 TURN servers: peers would ask all of them.");
  return [...before, text];
}
