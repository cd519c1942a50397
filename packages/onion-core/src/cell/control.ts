import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";

/** Bodies of the cells that make and end circuits (SPEC §3), without their padding, which the cell adds. */

/** CREATE2, and the same two fields in EXTEND2. */
export interface CreateRequest {
  readonly htype: number;
  readonly hdata: Uint8Array;
}

export function encodeCreate2({ htype, hdata }: CreateRequest): Uint8Array {
  return new Writer().u16(htype).bytes16(hdata).finish();
}

export function decodeCreate2(body: Uint8Array): CreateRequest {
  const reader = new Reader(body, "CREATE2");
  const request = { htype: reader.u16(), hdata: reader.bytes16() };
  reader.zeros();
  return request;
}

export function encodeCreated2(hdata: Uint8Array): Uint8Array {
  return new Writer().bytes16(hdata).finish();
}

export function decodeCreated2(body: Uint8Array): Uint8Array {
  const reader = new Reader(body, "CREATED2");
  const hdata = reader.bytes16();
  reader.zeros();
  return hdata;
}

/** Why a circuit, or the rest of it, ended (SPEC §3), with Tor's numbers. */
export const DESTROY_REASONS = {
  none: 0,
  protocol: 1,
  internal: 2,
  requested: 3,
  hibernating: 4,
  "resource-limit": 5,
  "connect-failed": 6,
  "wrong-identity": 7,
  "link-closed": 8,
  finished: 9,
  timeout: 10,
  destroyed: 11,
} as const;

export type DestroyReason = keyof typeof DESTROY_REASONS;

const REASON_NAMES = new Map<number, DestroyReason>(
  Object.entries(DESTROY_REASONS).map(([name, number]) => [number, name as DestroyReason]),
);

/** An unknown number is read as `none` (SPEC §3). */
export function destroyReasonFromNumber(number: number): DestroyReason {
  return REASON_NAMES.get(number) ?? "none";
}

export function encodeDestroy(reason: DestroyReason): Uint8Array {
  return Uint8Array.of(DESTROY_REASONS[reason]);
}

export function decodeDestroy(body: Uint8Array): DestroyReason {
  const reader = new Reader(body, "DESTROY");
  const reason = destroyReasonFromNumber(reader.u8());
  reader.zeros();
  return reason;
}

/** LINK_SENDME says all by its coming. @throws malformed. */
export function decodeLinkSendme(body: Uint8Array): void {
  new Reader(body, "LINK_SENDME").zeros();
}
