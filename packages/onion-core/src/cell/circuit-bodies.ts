import {
  destroyReasonFromNumber,
  DESTROY_REASONS,
  type CreateRequest,
  type DestroyReason,
} from "./control.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";

/** Bodies of the relay messages that make, acknowledge and cut circuits (SPEC §6). */

/** Link specifier type of an Ed25519 identity, the only one we use. */
const SPECIFIER_ED25519 = 3;
export const IDENTITY_LENGTH = 32;
export const TAG_LENGTH = 16;
const SENDME_VERSION = 1;

export interface Extend2 extends CreateRequest {
  /** The next relay, 32 bytes. */
  readonly identity: Uint8Array;
}

export function encodeExtend2({ identity, htype, hdata }: Extend2): Uint8Array {
  return new Writer().u8(1).u8(SPECIFIER_ED25519).bytes8(identity).u16(htype).bytes16(hdata).finish();
}

export function decodeExtend2(data: Uint8Array): Extend2 {
  const reader = new Reader(data, "EXTEND2");
  if (reader.u8() !== 1) throw reader.malformed("needs exactly one link specifier");
  if (reader.u8() !== SPECIFIER_ED25519) throw reader.malformed("link specifier type");
  const identity = reader.bytes8();
  if (identity.length !== IDENTITY_LENGTH) throw reader.malformed("identity length");
  const extend = { identity, htype: reader.u16(), hdata: reader.bytes16() };
  reader.finish();
  return extend;
}

export function encodeExtended2(hdata: Uint8Array): Uint8Array {
  return new Writer().bytes16(hdata).finish();
}

export function decodeExtended2(data: Uint8Array): Uint8Array {
  const reader = new Reader(data, "EXTENDED2");
  const hdata = reader.bytes16();
  reader.finish();
  return hdata;
}

/** @param tag the GCM tag of the cell that is acknowledged, 16 bytes (SPEC §6.4). */
export function encodeSendme(tag: Uint8Array): Uint8Array {
  return new Writer(19).u8(SENDME_VERSION).bytes16(tag).finish();
}

export function decodeSendme(data: Uint8Array): Uint8Array {
  const reader = new Reader(data, "SENDME");
  if (reader.u8() !== SENDME_VERSION) throw reader.malformed("version");
  const tag = reader.bytes16();
  if (tag.length !== TAG_LENGTH) throw reader.malformed("tag length");
  reader.finish();
  return tag;
}

export function encodeTruncated(reason: DestroyReason): Uint8Array {
  return Uint8Array.of(DESTROY_REASONS[reason]);
}

export function decodeTruncated(data: Uint8Array): DestroyReason {
  const reader = new Reader(data, "TRUNCATED");
  const reason = destroyReasonFromNumber(reader.u8());
  reader.finish();
  return reason;
}
