import { base64UrlToBytes, bytesToBase64Url } from "../bytes/base64url.ts";
import { TaborError } from "../errors.ts";

/** A relay's or authority's identity as text: 43 characters of base64url (SPEC §1.2). Equal ids are equal strings. */
export type RelayId = string & { readonly __brand: "RelayId" };

/** @param identity an Ed25519 public key, 32 bytes. */
export function relayId(identity: Uint8Array): RelayId {
  if (identity.length !== 32) throw new TaborError("malformed", "here", "an identity has 32 bytes");
  return bytesToBase64Url(identity) as RelayId;
}

/** @throws malformed unless the text names a 32-byte key canonically. */
export function parseRelayId(text: string): RelayId {
  return relayId(base64UrlToBytes(text));
}

export function relayIdToBytes(id: RelayId): Uint8Array<ArrayBuffer> {
  return base64UrlToBytes(id);
}

/** The first characters of an id, for people; never enough to name a relay to a machine. */
export function shortId(id: RelayId): string {
  return id.slice(0, 8);
}
