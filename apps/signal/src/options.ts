import { resolve } from "node:path";
import { ADMISSION_MODES, type AdmissionMode, type IceServer } from "@tabor/signal-protocol";
import { Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_SITE } from "./web/hosts.ts";

/** What the operator asked for on the command line. */
export interface SignalOptions {
  readonly host: string;
  readonly port: number;
  readonly stateFolder: string;
  readonly webFolder: string | undefined;
  /** The app is at `app.` and pages are shown from `view.` of this name. */
  readonly site: string;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly iceServers: readonly IceServer[];
  readonly admission: AdmissionMode;
  readonly logLevel: string;
}

interface RawOptions {
  host: string;
  port: number;
  state: string;
  web?: string;
  site: string;
  allowOrigin: string[];
  iceServer: string[];
  admission: AdmissionMode;
  logLevel: string;
}

const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"];

/** Ends the program, with a sentence on stderr, for anything that it does not understand. */
export function parseOptions(argv: readonly string[]): SignalOptions {
  const raw = new Command("tabor-signal")
    .description("Directory and broker of a Tabor network; also serves the web app.")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on, 0 for any free one", parsePort, 8080)
    .option("--state <folder>", "where the authority's key and the members are kept", ".tabor/signal")
    .option("--web <folder>", "the built web app to serve")
    .option("--site <name>", "domain whose app. and view. lead to this server", parseSite, DEFAULT_SITE)
    .option("--allow-origin <origin...>", "other web origins that may take part", collectOrigin, [])
    .option("--ice-server <url...>", "STUN or TURN server that peers are told of", collectIceServer, [])
    .addOption(
      new Option("--admission <mode>", "whom it lets in: anybody, the invited, or members alone")
        .choices(ADMISSION_MODES)
        .default("open"),
    )
    .addOption(new Option("--log-level <level>", "how much to log").choices(LOG_LEVELS).default("info"))
    .allowExcessArguments(false)
    .parse(argv, { from: "user" })
    .opts<RawOptions>();
  return {
    host: raw.host,
    port: raw.port,
    stateFolder: resolve(raw.state),
    webFolder: raw.web === undefined ? undefined : resolve(raw.web),
    site: raw.site,
    allowedOrigins: new Set(raw.allowOrigin),
    iceServers: raw.iceServer.length > 0 ? [{ urls: raw.iceServer }] : [],
    admission: raw.admission,
    logLevel: raw.logLevel,
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("A port is 0 to 65535.");
  return port;
}

function parseSite(text: string): string {
  if (!/^(?=.{1,200}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(text)) {
    throw new InvalidArgumentError("A domain is like example.org, in lower case.");
  }
  return text;
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
  return [...before, text];
}
