import type { IpAddress, StreamTarget } from "@tabor/onion-core";
import { isHostName } from "../net/host-name.ts";
import { formatIpAddress, parseIpAddress } from "../net/ip-address.ts";
import { ADDRESS_TYPE, encodeReply, REPLY, VERSION, type ReplyCode } from "./reply.ts";

/** What a SOCKS client may ask for: RFC 1928 §4, and Tor's RESOLVE and RESOLVE_PTR extensions. */
export type SocksRequest =
  | { readonly command: "connect"; readonly target: StreamTarget }
  | { readonly command: "resolve"; readonly host: string }
  | { readonly command: "resolve-ptr"; readonly address: IpAddress };

/** The outcome of looking at the first bytes of an input. */
export type Parsed<T> =
  | { readonly kind: "more" }
  /** A whole message, and how many bytes it took. */
  | { readonly kind: "message"; readonly message: T; readonly length: number }
  /** The last thing that the client is sent. */
  | { readonly kind: "refuse"; readonly reply: Uint8Array; readonly why: string };

export const MORE = { kind: "more" } as const;

const COMMANDS: ReadonlyMap<number, SocksRequest["command"]> = new Map([
  [0x01, "connect"],
  [0xf0, "resolve"],
  [0xf1, "resolve-ptr"],
]);

const HEADER_LENGTH = 4;
const PORT_LENGTH = 2;

/** `VER CMD RSV ATYP DST.ADDR DST.PORT` (RFC 1928 §4). */
export function parseRequest(input: Uint8Array): Parsed<SocksRequest> {
  const [version, commandNumber, reserved, addressType] = input;
  if (addressType === undefined || commandNumber === undefined) return MORE;
  if (version !== VERSION || reserved !== 0) return refuse(REPLY.generalFailure, "malformed request");
  const command = COMMANDS.get(commandNumber);
  if (command === undefined) return refuse(REPLY.commandNotSupported, "unknown command");
  const addressLength = addressLengthOf(addressType, input);
  if (addressLength === undefined) return refuse(REPLY.addressTypeNotSupported, "unknown address type");
  const length = HEADER_LENGTH + addressLength + PORT_LENGTH;
  if (input.length < length) return MORE;
  const address = input.subarray(HEADER_LENGTH, HEADER_LENGTH + addressLength);
  const host = addressType === ADDRESS_TYPE.name ? hostOfName(address) : formatIpAddress(address);
  const port = ((input[length - 2] ?? 0) << 8) | (input[length - 1] ?? 0);
  return requestOf(command, host, port, length);
}

/** Undefined for a type that RFC 1928 does not know. A name of which the length is not there yet counts as empty. */
function addressLengthOf(addressType: number, input: Uint8Array): number | undefined {
  switch (addressType) {
    case ADDRESS_TYPE.ipv4:
      return 4;
    case ADDRESS_TYPE.ipv6:
      return 16;
    case ADDRESS_TYPE.name:
      return 1 + (input[HEADER_LENGTH] ?? 0);
    default:
      return undefined;
  }
}

/** A name, or an address written as one, in brackets or not; null for what no exit could connect to. */
function hostOfName(field: Uint8Array): string | null {
  const text = String.fromCharCode(...field.subarray(1));
  const address = parseIpAddress(/^\[(.*)\]$/.exec(text)?.[1] ?? text);
  if (address !== null) return formatIpAddress(address);
  return isHostName(text) && !isOnionName(text) ? text : null;
}

/** Names of onion services are nobody's business but the client's (RFC 7686 §2): no exit may see them. */
function isOnionName(host: string): boolean {
  return /(?:^|\.)onion\.?$/i.test(host);
}

function requestOf(
  command: SocksRequest["command"],
  host: string | null,
  port: number,
  length: number,
): Parsed<SocksRequest> {
  if (host === null) return refuse(REPLY.hostUnreachable, "not a host");
  switch (command) {
    case "connect":
      if (port === 0) return refuse(REPLY.generalFailure, "port 0");
      return { kind: "message", message: { command, target: { host, port } }, length };
    case "resolve":
      return { kind: "message", message: { command, host }, length };
    case "resolve-ptr": {
      const address = parseIpAddress(host);
      if (address === null) return refuse(REPLY.addressTypeNotSupported, "reverse lookup of a name");
      return { kind: "message", message: { command, address }, length };
    }
  }
}

function refuse(code: ReplyCode, why: string): Parsed<never> {
  return { kind: "refuse", reply: encodeReply(code), why };
}
