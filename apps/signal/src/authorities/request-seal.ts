/**
 * How an authority proves that a request comes from it (SPEC §8.6), in the Authorization field, so that a stranger's body is not
 * even read: `Tabor base64url(sender (32) | time u64 | SHA-256 of the body (32) | signature (64))`.
 */
import {
  ascii,
  base64UrlToBytes,
  bytesToBase64Url,
  DIGEST_LENGTH,
  Reader,
  relayId,
  type RelayId,
  relayIdToBytes,
  type SigningKey,
  TaborError,
  verifySignature,
  Writer,
} from "@tabor/onion-core";

export interface SealedRequest {
  /** "POST /tabor/authority/message". */
  readonly request: string;
  readonly receiver: RelayId;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** SHA-256 of the body, 32 bytes. */
  readonly bodyDigest: Uint8Array;
}

const CONTEXT = ascii("tabor-authority-request-1");
const SCHEME = "Tabor ";
const SIGNATURE_LENGTH = 64;
/** Milliseconds by which clocks of authorities may differ, with the time that a request travels. */
const MAX_SKEW = 60_000;

/** @returns the value of the Authorization field. */
export async function sealRequest(sealed: SealedRequest, key: SigningKey): Promise<string> {
  const signature = await key.sign(statement(sealed, key.publicKey));
  const bytes = new Writer()
    .bytes(key.publicKey)
    .u64(sealed.time)
    .bytes(sealed.bodyDigest)
    .bytes(signature)
    .finish();
  return SCHEME + bytesToBase64Url(bytes);
}

/**
 * @param field the Authorization field as it came.
 * @returns who sent it, and what the body has to be.
 * @throws malformed, expired, or not-authentic for strangers and wrong signatures.
 */
export async function openSeal(
  field: string | undefined,
  expected: {
    readonly request: string;
    readonly receiver: RelayId;
    readonly now: number;
    readonly senders: readonly RelayId[];
  },
): Promise<{ sender: RelayId; bodyDigest: Uint8Array }> {
  if (field?.startsWith(SCHEME) !== true || field.length > 1000) throw notAuthentic();
  const reader = new Reader(base64UrlToBytes(field.slice(SCHEME.length)), "seal of a request");
  const publicKey = reader.bytes(32);
  const time = reader.u64();
  const bodyDigest = reader.bytes(DIGEST_LENGTH).slice();
  const signature = reader.bytes(SIGNATURE_LENGTH);
  reader.finish();
  const sender = relayId(publicKey);
  if (!expected.senders.includes(sender)) throw notAuthentic();
  if (Math.abs(time - expected.now) > MAX_SKEW) {
    throw new TaborError("expired", "directory", "request of an authority: do the clocks agree?");
  }
  const said = statement({ ...expected, time, bodyDigest }, publicKey);
  if (!(await verifySignature(publicKey, signature, said))) throw notAuthentic();
  return { sender, bodyDigest };
}

function statement({ request, receiver, time, bodyDigest }: SealedRequest, sender: Uint8Array): Uint8Array {
  return new Writer()
    .bytes(CONTEXT)
    .bytes(sender)
    .bytes(relayIdToBytes(receiver))
    .u64(time)
    .bytes16(ascii(request))
    .bytes(bodyDigest)
    .finish();
}

function notAuthentic(): TaborError {
  return new TaborError("not-authentic", "directory", "request of an authority: not from one of ours");
}
