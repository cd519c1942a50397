import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";

/** Bodies of the relay messages that join circuits to a set (SPEC §14; Tor proposal 329). */

export const NONCE_LENGTH = 32;
const VERSION = 1;
/** What is wished of the other side's choice of legs: high throughput, the only one we know. */
const DESIRED_UX = 3;

/** CONFLUX_LINK, by a client, and CONFLUX_LINKED, in answer. */
export interface ConfluxLink {
  /** Names the set, 32 bytes: who knows it may join. */
  readonly nonce: Uint8Array;
  /** The number of the last message that was sent in the set; 0 of a new one. */
  readonly lastSent: number;
  /** The number up to which the leg that was lost has brought messages; 0 of a new set. */
  readonly lastReceived: number;
}

export function encodeConfluxLink({ nonce, lastSent, lastReceived }: ConfluxLink): Uint8Array {
  return new Writer(50).u8(VERSION).bytes(nonce).u64(lastSent).u64(lastReceived).u8(DESIRED_UX).finish();
}

/** @throws malformed. */
export function decodeConfluxLink(data: Uint8Array): ConfluxLink {
  const reader = new Reader(data, "CONFLUX_LINK");
  if (reader.u8() !== VERSION) throw reader.malformed("version");
  const nonce = reader.bytes(NONCE_LENGTH);
  const link = { nonce, lastSent: reader.u64(), lastReceived: reader.u64() };
  if (reader.u8() !== DESIRED_UX) throw reader.malformed("desired experience");
  reader.finish();
  return link;
}

/** @param relative 1…2^32−1: by how much the leg's numbers go on. */
export function encodeConfluxSwitch(relative: number): Uint8Array {
  return new Writer(4).u32(relative).finish();
}

/** @throws malformed. */
export function decodeConfluxSwitch(data: Uint8Array): number {
  const reader = new Reader(data, "CONFLUX_SWITCH");
  const relative = reader.u32();
  reader.finish();
  if (relative === 0) throw reader.malformed("goes nowhere");
  return relative;
}
