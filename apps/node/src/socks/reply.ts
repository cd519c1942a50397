import { ascii, concat, type ErrorCode, type IpAddress } from "@tabor/onion-core";

/** Reply codes of RFC 1928 §6. */
export const REPLY = {
  succeeded: 0,
  generalFailure: 1,
  notAllowed: 2,
  networkUnreachable: 3,
  hostUnreachable: 4,
  connectionRefused: 5,
  ttlExpired: 6,
  commandNotSupported: 7,
  addressTypeNotSupported: 8,
} as const;

export type ReplyCode = (typeof REPLY)[keyof typeof REPLY];

export const VERSION = 5;
export const ADDRESS_TYPE = { ipv4: 1, name: 3, ipv6: 4 } as const;

/** What a reply carries: an address, or the name that RESOLVE_PTR found. */
export type Bound = { readonly address: IpAddress } | { readonly name: string };

/** Clients look at this address of a reply to CONNECT only to log it; the exit's would tell them nothing. */
const UNSPECIFIED: Bound = { address: new Uint8Array(4) };

/** `VER REP RSV ATYP BND.ADDR BND.PORT`; the port is always 0. */
export function encodeReply(code: ReplyCode, bound: Bound = UNSPECIFIED): Uint8Array {
  return concat(Uint8Array.of(VERSION, code, 0), encodeAddress(bound), new Uint8Array(2));
}

function encodeAddress(bound: Bound): Uint8Array {
  if ("name" in bound) {
    return concat(Uint8Array.of(ADDRESS_TYPE.name, bound.name.length), ascii(bound.name));
  }
  const type = bound.address.length === 4 ? ADDRESS_TYPE.ipv4 : ADDRESS_TYPE.ipv6;
  return concat(Uint8Array.of(type), bound.address);
}

/** What a SOCKS client is told when its stream could not be opened. */
export function replyCodeOf(code: ErrorCode): ReplyCode {
  switch (code) {
    case "exit-policy":
      return REPLY.notAllowed;
    case "unreachable":
    case "resolve-failed":
      return REPLY.hostUnreachable;
    case "refused":
      return REPLY.connectionRefused;
    case "timeout":
      return REPLY.ttlExpired;
    case "malformed":
    case "protocol":
    case "not-authentic":
    case "not-a-member":
    case "expired":
    case "resource-limit":
    case "closed":
    case "no-path":
    case "reset":
    case "usage":
    case "aborted":
      return REPLY.generalFailure;
  }
}
