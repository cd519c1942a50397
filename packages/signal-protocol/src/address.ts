import {
  base64UrlToBytes,
  bytesToBase64Url,
  parseRelayId,
  type RelayId,
  TaborError,
} from "@tabor/onion-core";

/** Whom the broker delivers to (SPEC §9.3): a relay by its identity, a client by a name drawn for its connection. */
export type PeerAddress = string & { readonly __brand: "PeerAddress" };

/** member: one that draws tokens, and does nothing else (SPEC §9.6). */
export const ROLES = ["client", "relay", "member"] as const;

export type Role = (typeof ROLES)[number];

/** Bytes behind a client's address: enough that nobody guesses one. */
export const CLIENT_NAME_LENGTH = 16;

const RELAY_PREFIX = "relay:";
const CLIENT_PREFIX = "client:";

export function relayAddress(id: RelayId): PeerAddress {
  return `${RELAY_PREFIX}${id}` as PeerAddress;
}

/** @param name `CLIENT_NAME_LENGTH` random bytes. */
export function clientAddress(name: Uint8Array): PeerAddress {
  if (name.length !== CLIENT_NAME_LENGTH) {
    throw new TaborError("usage", "here", "a client's name has 16 bytes");
  }
  return `${CLIENT_PREFIX}${bytesToBase64Url(name)}` as PeerAddress;
}

/** @throws malformed unless the text is an address in its one canonical form. */
export function parseAddress(text: string): PeerAddress {
  if (text.startsWith(RELAY_PREFIX)) return relayAddress(parseRelayId(text.slice(RELAY_PREFIX.length)));
  if (text.startsWith(CLIENT_PREFIX)) return parseClientAddress(text.slice(CLIENT_PREFIX.length));
  throw new TaborError("malformed", "directory", "not an address of a peer");
}

function parseClientAddress(name: string): PeerAddress {
  const bytes = base64UrlToBytes(name);
  if (bytes.length !== CLIENT_NAME_LENGTH) {
    throw new TaborError("malformed", "directory", "not an address of a client");
  }
  return clientAddress(bytes);
}

export function roleOf(address: PeerAddress): Role {
  return address.startsWith(RELAY_PREFIX) ? "relay" : "client";
}
