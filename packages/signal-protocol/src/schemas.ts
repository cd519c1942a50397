/**
 * What every payload must look like (SPEC §9). Both ends validate with these: unknown keys, other lengths and other
 * types are refused. Byte strings arrive as `Buffer` in Node and as `ArrayBuffer` in browsers, and leave as
 * `Uint8Array` either way.
 */
import { DIGEST_LENGTH, TaborError } from "@tabor/onion-core";
import * as v from "valibot";
import { parseAddress, type PeerAddress, ROLES } from "./address.ts";
import { ADMISSION_MODES, INVITE_LENGTH } from "./admission.ts";
import {
  BLINDED_LENGTH,
  KEY_LENGTH,
  MAX_BLOB_LENGTH,
  MAX_CONSENSUS_LENGTH,
  MAX_DESCRIPTOR_LENGTH,
  MAX_DRAW,
  NONCE_LENGTH,
  SIGNATURE_LENGTH,
  TOKEN_LENGTH,
} from "./limits.ts";

const bytes = v.pipe(v.union([v.instance(Uint8Array), v.instance(ArrayBuffer)]), v.transform(plainBytes));

/**
 * A plain array over bytes that are its own: a `Buffer` may be a window into memory that it shares with others.
 */
function plainBytes(binary: Uint8Array<ArrayBuffer> | ArrayBuffer): Uint8Array {
  if (binary instanceof ArrayBuffer) return new Uint8Array(binary);
  const isWhole = binary.byteLength === binary.buffer.byteLength;
  return isWhole ? new Uint8Array(binary.buffer) : Uint8Array.from(binary);
}

const bytesOf = (length: number) => v.pipe(bytes, v.length(length));
const bytesUpTo = (max: number) => v.pipe(bytes, v.minLength(1), v.maxLength(max));

const addressSchema = v.pipe(v.string(), v.rawTransform(toAddress));

function toAddress({
  dataset,
  addIssue,
  NEVER,
}: Parameters<Parameters<typeof v.rawTransform<string, PeerAddress>>[0]>[0]): PeerAddress {
  try {
    return parseAddress(dataset.value);
  } catch {
    addIssue({ message: "not an address" });
    return NEVER;
  }
}

export const challengeSchema = v.strictObject({
  /** The directory's identity. */
  directory: bytesOf(KEY_LENGTH),
  nonce: bytesOf(NONCE_LENGTH),
  /** Milliseconds since the Unix epoch. */
  expires: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  admission: v.picklist(ADMISSION_MODES),
});

/** A member's word for a relay whose identity is not registered itself. */
const voucherSchema = v.strictObject({ member: bytesOf(KEY_LENGTH), signature: bytesOf(SIGNATURE_LENGTH) });

export const joinSchema = v.strictObject({
  role: v.picklist(ROLES),
  /** A relay's identity, a client's session key, or the member's. */
  key: bytesOf(KEY_LENGTH),
  nonce: bytesOf(NONCE_LENGTH),
  signature: bytesOf(SIGNATURE_LENGTH),
  /** An invitation's code, which registers `key`. */
  invite: v.exactOptional(bytesOf(INVITE_LENGTH)),
  voucher: v.exactOptional(voucherSchema),
  /** Digest of the consensus that the peer has already. */
  has: v.exactOptional(bytesOf(DIGEST_LENGTH)),
  /** What lets a client in where not everybody is; its nonce is `key`. */
  token: v.exactOptional(bytesOf(TOKEN_LENGTH)),
});

/** As many as are drawn at once, in one byte string: each of its own would be a frame of its own. */
const blindedSchema = v.pipe(
  bytesUpTo(MAX_DRAW * BLINDED_LENGTH),
  v.check(({ length }) => length % BLINDED_LENGTH === 0),
);

export const drawSchema = v.strictObject({
  /** The issuer's key that is wanted (SPEC §9.7). */
  key: bytesOf(KEY_LENGTH),
  blinded: blindedSchema,
});

export const descriptorSchema = bytesUpTo(MAX_DESCRIPTOR_LENGTH);
export const digestSchema = bytesOf(DIGEST_LENGTH);
export const consensusSchema = bytesUpTo(MAX_CONSENSUS_LENGTH);

export const outgoingSignalSchema = v.strictObject({ to: addressSchema, blob: bytesUpTo(MAX_BLOB_LENGTH) });
export const incomingSignalSchema = v.strictObject({ from: addressSchema, blob: bytesUpTo(MAX_BLOB_LENGTH) });

export const SIGNAL_ERRORS = [
  "malformed",
  "not-authentic",
  "expired",
  "not-joined",
  "not-allowed",
  "rate-limited",
  "unknown-peer",
] as const;

const refusalSchema = v.strictObject({ ok: v.literal(false), error: v.picklist(SIGNAL_ERRORS) });

/** What answers `publish` and `signal`. */
export const answerSchema = v.variant("ok", [v.strictObject({ ok: v.literal(true) }), refusalSchema]);

/** What answers `join`. */
export const joinAnswerSchema = v.variant("ok", [
  v.strictObject({ ok: v.literal(true), address: addressSchema, signature: bytesOf(SIGNATURE_LENGTH) }),
  refusalSchema,
]);

/** What answers `draw`. */
export const drawAnswerSchema = v.variant("ok", [
  v.strictObject({ ok: v.literal(true), signatures: blindedSchema }),
  refusalSchema,
]);

/** @throws malformed; the message names the event and nothing of its content. @param what for example "join". */
export function parsePayload<S extends v.GenericSchema>(
  schema: S,
  what: string,
  payload: unknown,
): v.InferOutput<S> {
  const result = v.safeParse(schema, payload, { abortEarly: true });
  if (!result.success) throw new TaborError("malformed", "directory", `${what}: not as SPEC §9 has it`);
  return result.output;
}
