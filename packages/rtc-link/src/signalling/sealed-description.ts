/**
 * Session descriptions that the broker can neither read nor change (SPEC §9.4): an offer is sealed to the relay's
 * signal key by HPKE (RFC 9180), the reply under a key that both export from it.
 */
import {
  ascii,
  bytesToBase64Url,
  concat,
  type WebDhKeyPair,
  equalConstantTime,
  type Random,
  randomBytes,
  Reader,
  type RelayId,
  relayIdToBytes,
  TaborError,
} from "@tabor/onion-core";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from "hpke";

/** The longest SDP, in bytes of UTF-8. */
export const MAX_SDP_LENGTH = 8192;

/** What a blob is, as far as its first byte says. */
export type EnvelopeType = "offer" | "answer" | "refusal";
export type RefusalReason = "busy" | "unwanted";

/** A blob taken apart; nothing of it is authenticated yet. */
export interface Envelope {
  readonly type: EnvelopeType;
  /** Names the offer and what replies to it: the encapsulated key as text. */
  readonly id: OfferId;
  readonly enc: Uint8Array<ArrayBuffer>;
  /** What follows `enc`. */
  readonly sealed: Uint8Array<ArrayBuffer>;
}

export type OfferId = string & { readonly __brand: "OfferId" };

/** An offer on its way, with what is needed to read its reply. */
export interface SealedOffer {
  readonly id: OfferId;
  readonly blob: Uint8Array;
  /** @throws not-authentic unless it replies to this offer and comes from who holds the signal key; malformed. */
  open(reply: Envelope): Promise<Reply>;
}

export type Reply =
  | { readonly type: "answer"; readonly sdp: string }
  | { readonly type: "refusal"; readonly reason: RefusalReason };

/** An offer that was opened, and what seals the reply to it. */
export interface OpenedOffer {
  readonly sdp: string;
  seal(reply: Reply): Promise<Uint8Array>;
}

const TYPES: Readonly<Record<EnvelopeType, number>> = { offer: 1, answer: 2, refusal: 3 };
const REASONS: Readonly<Record<RefusalReason, number>> = { busy: 1, unwanted: 2 };
const ENC_LENGTH = 32;
const NONCE_LENGTH = 12;
const KEY_LENGTH = 32;
const INFO = ascii("tabor-signal-1");
const ANSWER_CONTEXT = ascii("tabor-answer");

const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM);

/** @throws malformed. */
export function readEnvelope(blob: Uint8Array): Envelope {
  const reader = new Reader(blob, "sealed description");
  const type = nameOf(TYPES, reader.u8());
  const enc = Uint8Array.from(reader.bytes(ENC_LENGTH));
  return { type, id: bytesToBase64Url(enc) as OfferId, enc, sealed: Uint8Array.from(reader.rest()) };
}

/** @param signalKey the relay's X25519 key, 32 bytes, from its descriptor. @throws usage for an SDP too long. */
export async function sealOffer(sdp: string, relay: RelayId, signalKey: Uint8Array): Promise<SealedOffer> {
  const plaintext = encodeSdp(sdp);
  const { encapsulatedSecret: enc, ctx } = await setUpSender(relay, signalKey);
  const blob = concat(Uint8Array.of(TYPES.offer), enc, await ctx.Seal(plaintext));
  const key = await importReplyKey(await ctx.Export(ANSWER_CONTEXT, KEY_LENGTH));
  return {
    id: bytesToBase64Url(enc) as OfferId,
    blob,
    open: async (reply) => {
      if (!equalConstantTime(reply.enc, enc)) throw notAuthentic("replies to another offer");
      return decodeReply(reply.type, await openReply(key, reply));
    },
  };
}

/**
 * @param keys the signal key of `relay`, which is this relay.
 * @throws not-authentic if it was not sealed to this relay or has been changed; malformed.
 */
export async function openOffer(
  offer: Envelope,
  { relay, keys, random }: { relay: RelayId; keys: WebDhKeyPair; random: Random },
): Promise<OpenedOffer> {
  if (offer.type !== "offer") throw malformed("not an offer");
  const { sdp, exported } = await openSealedOffer(offer, relay, keys);
  const key = await importReplyKey(exported);
  return {
    sdp: decodeSdp(sdp),
    seal: async (reply) => {
      // Drawn, not derived: an offer that the broker repeats after we have forgotten it must not make us seal a
      // second answer under the same nonce.
      const nonce = randomBytes(random, NONCE_LENGTH);
      const plaintext = reply.type === "answer" ? encodeSdp(reply.sdp) : Uint8Array.of(REASONS[reply.reason]);
      const sealed = await crypto.subtle.encrypt(gcm(nonce, reply.type), key, plaintext);
      return concat(Uint8Array.of(TYPES[reply.type]), offer.enc, nonce, new Uint8Array(sealed));
    },
  };
}

async function setUpSender(relay: RelayId, signalKey: Uint8Array) {
  try {
    return await suite.SetupSender(await suite.DeserializePublicKey(signalKey), { info: infoFor(relay) });
  } catch (cause) {
    throw notAuthentic("the relay's signal key is refused", cause);
  }
}

async function openSealedOffer(offer: Envelope, relay: RelayId, keys: WebDhKeyPair) {
  try {
    const pair = { privateKey: keys.privateKey, publicKey: await suite.DeserializePublicKey(keys.publicKey) };
    const ctx = await suite.SetupRecipient(pair, offer.enc, { info: infoFor(relay) });
    const sdp = await ctx.Open(offer.sealed);
    return { sdp, exported: await ctx.Export(ANSWER_CONTEXT, KEY_LENGTH) };
  } catch (cause) {
    throw notAuthentic("the offer was not sealed to this relay", cause);
  }
}

function importReplyKey(exported: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", Uint8Array.from(exported), "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function openReply(key: CryptoKey, { type, sealed }: Envelope): Promise<Uint8Array> {
  const nonce = sealed.subarray(0, NONCE_LENGTH);
  try {
    const opened = await crypto.subtle.decrypt(gcm(nonce, type), key, sealed.subarray(NONCE_LENGTH));
    return new Uint8Array(opened);
  } catch (cause) {
    throw notAuthentic("the reply does not come from who holds the signal key", cause);
  }
}

/** The type is authenticated, so that nobody turns an answer into a refusal. */
function gcm(nonce: Uint8Array<ArrayBuffer>, type: EnvelopeType): AesGcmParams {
  return { name: "AES-GCM", iv: nonce, additionalData: Uint8Array.of(TYPES[type]) };
}

function decodeReply(type: EnvelopeType, plaintext: Uint8Array): Reply {
  switch (type) {
    case "offer":
      throw malformed("an offer is no reply");
    case "answer":
      return { type, sdp: decodeSdp(plaintext) };
    case "refusal": {
      const reader = new Reader(plaintext, "refusal");
      const reason = nameOf(REASONS, reader.u8());
      reader.finish();
      return { type, reason };
    }
  }
}

function encodeSdp(sdp: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(sdp);
  if (bytes.length > MAX_SDP_LENGTH) throw new TaborError("usage", "here", "session description too long");
  return bytes;
}

function decodeSdp(bytes: Uint8Array): string {
  if (bytes.length > MAX_SDP_LENGTH) throw malformed("session description too long");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw malformed("not UTF-8", cause);
  }
}

function nameOf<T extends string>(codes: Readonly<Record<T, number>>, code: number): T {
  for (const name in codes) if (codes[name] === code) return name;
  throw malformed("unknown code");
}

function infoFor(relay: RelayId): Uint8Array {
  return concat(INFO, relayIdToBytes(relay));
}

function malformed(why: string, cause?: unknown): TaborError {
  return new TaborError("malformed", "link", `sealed description: ${why}`, { cause });
}

function notAuthentic(why: string, cause?: unknown): TaborError {
  return new TaborError("not-authentic", "link", `sealed description: ${why}`, { cause });
}
