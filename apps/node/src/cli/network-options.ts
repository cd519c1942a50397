import { parseRelayId, type RelayId } from "@tabor/onion-core";
import { parseInvite } from "@tabor/rtc-link";
import { InvalidArgumentError, Option, type Command } from "commander";
import { parseIpAddress } from "../net/ip-address.ts";

const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"];

/** What every program that joins a network is told on its command line. */
export interface JoinOptions {
  readonly directory: string;
  readonly authority?: RelayId;
  /** Where it keeps what it needs again at its next start; without it, nothing is kept. */
  readonly state?: string;
  readonly bind?: string;
  /** An invitation's code, for a network that lets the invited in. */
  readonly invite?: Uint8Array;
  readonly logLevel: string;
}

/** @param kept what `--state` keeps, for `--help`, and where it does unless it is told. */
export function withJoinOptions(command: Command, kept: { what: string; folder?: string }): Command {
  return command
    .option("--directory <url>", "the directory of the network to join", parseOrigin, "http://127.0.0.1:8080")
    .option(
      "--authority <id>",
      "believe this authority only; without it, the one the directory names",
      parseAuthority,
    )
    .option(
      "--state <folder>",
      `where it keeps ${kept.what}${kept.folder === undefined ? "; without it, nowhere" : ""}`,
      kept.folder,
    )
    .option("--invite <code>", "a code that makes you a member, or the link that holds it", parseCode)
    .option("--bind <address>", "the local address for WebRTC; without it, all but loopback", parseAddress)
    .addOption(new Option("--log-level <level>", "how much to log").choices(LOG_LEVELS).default("info"))
    .allowExcessArguments(false);
}

function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new InvalidArgumentError("A directory is an http: or https: address.");
  }
  return url.origin;
}

function parseAuthority(text: string): RelayId {
  try {
    return parseRelayId(text);
  } catch {
    throw new InvalidArgumentError("An authority is named by 43 characters of base64url.");
  }
}

function parseCode(text: string): Uint8Array {
  try {
    return parseInvite(text.slice(text.lastIndexOf("=") + 1));
  } catch {
    throw new InvalidArgumentError("An invitation is a code of 22 characters, or a link that ends with it.");
  }
}

function parseAddress(text: string): string {
  if (parseIpAddress(text) === null) throw new InvalidArgumentError("This is no IP address.");
  return text;
}
