import { join, resolve } from "node:path";
import { ExitPolicy, TaborError } from "@tabor/onion-core";

/** What `npm start` is told by environment variables. */
export interface Settings {
  /** TABOR_PORT: web app and signalling; 0 for any free one. */
  readonly port: number;
  /** TABOR_SOCKS_PORT; 0 for any free one. */
  readonly socksPort: number;
  /** TABOR_EXIT_POLICY: the exits' rules before the default policy. */
  readonly exitPolicy: string;
  /** TABOR_STATE: where keys and guards are kept. */
  readonly stateFolder: string;
  /** TABOR_DIRECTORY: the directory of a network to become part of, instead of one of our own. */
  readonly directory: string | undefined;
  /** TABOR_LOG: how much the programs log. */
  readonly logLevel: string;
}

const DEFAULT_PORT = 8080;
const DEFAULT_SOCKS_PORT = 9150;
const MAX_PORT = 65_535;

type Environment = Readonly<Record<string, string | undefined>>;

/** @param checkout the folder under which state is kept by default. @throws usage with a sentence for the user. */
export function readSettings(environment: Environment, checkout: string): Settings {
  return {
    port: readPort(environment, "TABOR_PORT", DEFAULT_PORT),
    socksPort: readPort(environment, "TABOR_SOCKS_PORT", DEFAULT_SOCKS_PORT),
    exitPolicy: readPolicy(environment["TABOR_EXIT_POLICY"] ?? ""),
    stateFolder: resolve(environment["TABOR_STATE"] ?? join(checkout, ".tabor")),
    directory: readDirectory(environment["TABOR_DIRECTORY"]),
    logLevel: environment["TABOR_LOG"] ?? "warn",
  };
}

function readPort(environment: Environment, name: string, otherwise: number): number {
  const text = environment[name];
  if (text === undefined || text === "") return otherwise;
  if (/^[0-9]{1,5}$/.test(text) && Number(text) <= MAX_PORT) return Number(text);
  throw invalid(`${name} must be a port number, from 0 to ${String(MAX_PORT)}.`);
}

function readPolicy(rules: string): string {
  try {
    ExitPolicy.ofExit(rules);
    return rules;
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw invalid(`TABOR_EXIT_POLICY is not understood: ${why}.`);
  }
}

function readDirectory(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.origin;
  throw invalid("TABOR_DIRECTORY must be an http: or https: address.");
}

function invalid(sentence: string): TaborError {
  return new TaborError("usage", "here", sentence);
}
