import { parseRelayId, type RelayId } from "@tabor/onion-core";
import { parseInvite } from "@tabor/rtc-link";
import { withLogOptions, type LogOptions } from "@tabor/operator";
import { InvalidArgumentError, type Command } from "commander";
import { wholeNumber } from "./number-option.ts";
import { parseIpAddress } from "../net/ip-address.ts";

const DEFAULT_DIRECTORY: readonly string[] = ["http://127.0.0.1:8080"];

/** What every program that joins a network is told on its command line. */
export interface JoinOptions extends LogOptions {
  readonly directory: readonly string[];
  readonly authority: readonly RelayId[];
  /** Where it keeps what it needs again at its next start; without it, nothing is kept. */
  readonly state?: string;
  readonly bind?: string;
  /** An invitation's code, for a network that lets the invited in. */
  readonly invite?: Uint8Array;
  /** Port of the metrics; undefined: none are served. */
  readonly metrics?: number;
}

/** @param kept what `--state` keeps, for `--help`, and where it does unless it is told. */
export function withJoinOptions(command: Command, kept: { what: string; folder?: string }): Command {
  return withTrustOptions(withLogOptions(command))
    .option(
      "--state <folder>",
      `where it keeps ${kept.what}${kept.folder === undefined ? "; without it, nowhere" : ""}`,
      kept.folder,
    )
    .option("--invite <code>", "a code that makes you a member, or the link that holds it", parseCode)
    .option(
      "--metrics <port>",
      "serve metrics for Prometheus on this port of 127.0.0.1, 0 for any free one",
      wholeNumber(0, 65_535),
    )
    .option(
      "--bind <address>",
      "the local address for WebRTC; without it, all but loopback",
      parseBindAddress,
    )
    .allowExcessArguments(false);
}

/** Where a network is, and whom to believe about it. */
export function withTrustOptions(command: Command): Command {
  return command
    .option(
      "--directory <url...>",
      "a server of the network to join, or several; it tells of the others",
      collectOrigin,
      DEFAULT_DIRECTORY,
    )
    .option(
      "--authority <id...>",
      "believe only what more than half of these authorities sign; without it, of those that the directory names",
      collectAuthority,
      [],
    );
}

function collectOrigin(text: string, before: readonly string[]): readonly string[] {
  return [...(before === DEFAULT_DIRECTORY ? [] : before), parseOrigin(text)];
}

function collectAuthority(text: string, before: readonly RelayId[]): readonly RelayId[] {
  return [...before, parseAuthority(text)];
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

/** A local address. @throws for commander. */
export function parseBindAddress(text: string): string {
  if (parseIpAddress(text) === null) throw new InvalidArgumentError("This is no IP address.");
  return text;
}
