/**
 * What a relay says of itself (SPEC §8.1), signed by its identity.
 *
 * | field | bytes |
 * |---|---|
 * | version | u8 = 2 |
 * | identity, ntor key, signal key | 32 each |
 * | published | u64, ms |
 * | platform | u8: 0 Node, 1 browser tab |
 * | NAT | u8: 0 unknown, 1 easy, 2 hard, 3 hard with TURN |
 * | capacity | u32, KiB/s |
 * | family | u8 n ≤ 16, then n × 32, strictly increasing |
 * | policy4, policy6, fetch policy | bytes16 each, ≤ 1000, ASCII; the last is empty for none |
 * | signature | 64 |
 */

import { compareBytes } from "../bytes/compare.ts";
import { ascii, concat } from "../bytes/bytes.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { SIGNATURE_LENGTH, verifySignature, type SigningKey } from "../crypto/ed25519.ts";
import { relayId, relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";
import { NAT_CLASSES, type NatClass } from "./nat.ts";
import { isCanonicalSummary } from "./policy-summary.ts";

export interface Descriptor {
  readonly identity: RelayId;
  /** X25519, 32 bytes: for circuit handshakes (SPEC §5). */
  readonly ntorKey: Uint8Array;
  /** X25519, 32 bytes: session descriptions are sealed to it (SPEC §9.4). */
  readonly signalKey: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly published: number;
  readonly platform: Platform;
  readonly nat: NatClass;
  /** KiB/s that the relay offers, 0…2^32−1. */
  readonly capacity: number;
  /** Relays run by the same people, at most 16. */
  readonly family: readonly RelayId[];
  /** Exit-policy summary for IPv4 (SPEC §8.3), "reject 1-65535" for a relay that is no exit. */
  readonly policy4: string;
  /** The same for IPv6. */
  readonly policy6: string;
  /** The ports that it fetches from for clients (SPEC §7.5), as such a summary; undefined: it does not fetch. */
  readonly fetchPolicy?: string | undefined;
}

/** Where a relay runs: a Node process usually stays, a browser tab comes and goes. */
export type Platform = "node" | "tab";

const VERSION = 2;
const CONTEXT = ascii("tabor-descriptor-2");
const PLATFORMS: readonly Platform[] = ["node", "tab"];
const MAX_FAMILY = 16;
const MAX_SUMMARY_LENGTH = 1000;
/** Of a descriptor without its signature. */
const MAX_BODY_LENGTH = 1 + 3 * 32 + 8 + 1 + 1 + 4 + 1 + MAX_FAMILY * 32 + 3 * (2 + MAX_SUMMARY_LENGTH);
/** How long a descriptor is valid, from `published`. */
export const DESCRIPTOR_LIFETIME_MS = 24 * 3_600_000;
const MAX_FUTURE_MS = 5 * 60_000;

/** The descriptor that `key`'s relay publishes. The order of `family` does not matter. @throws usage beyond a bound. */
export async function signDescriptor(
  fields: Omit<Descriptor, "identity">,
  key: SigningKey,
): Promise<Uint8Array> {
  const body = encodeBody({ ...fields, identity: key.id });
  return concat(body, await key.sign(concat(CONTEXT, body)));
}

/**
 * Reads a descriptor strictly, without looking at signature and time: for descriptors inside a verified consensus,
 * whose authorities have done that.
 */
export function decodeDescriptor(bytes: Uint8Array): Descriptor {
  const reader = new Reader(bytes, "descriptor");
  if (reader.u8() !== VERSION) throw reader.malformed("unknown version");
  const descriptor: Descriptor = {
    identity: relayId(reader.bytes(32)),
    ntorKey: reader.bytes(32).slice(),
    signalKey: reader.bytes(32).slice(),
    published: reader.u64(),
    platform: oneOf(PLATFORMS, "platform", reader),
    nat: oneOf(NAT_CLASSES, "NAT", reader),
    capacity: reader.u32(),
    family: readFamily(reader),
    policy4: readSummary(reader),
    policy6: readSummary(reader),
    fetchPolicy: readFetchPolicy(reader),
  };
  reader.bytes(SIGNATURE_LENGTH);
  reader.finish();
  return descriptor;
}

/** @param now milliseconds since the Unix epoch. @throws malformed, not-authentic or expired. */
export async function verifyDescriptor(bytes: Uint8Array, now: number): Promise<Descriptor> {
  const descriptor = decodeDescriptor(bytes);
  if (descriptor.published > now + MAX_FUTURE_MS) throw expired("published in the future");
  if (descriptor.published + DESCRIPTOR_LIFETIME_MS <= now) throw expired("older than 24 hours");
  const signed = concat(CONTEXT, bytes.subarray(0, -SIGNATURE_LENGTH));
  const signature = bytes.subarray(-SIGNATURE_LENGTH);
  if (!(await verifySignature(relayIdToBytes(descriptor.identity), signature, signed))) {
    throw new TaborError("not-authentic", "relay", "descriptor: the signature is not its relay's");
  }
  return descriptor;
}

function encodeBody(descriptor: Descriptor): Uint8Array {
  const family = descriptor.family.map(relayIdToBytes).sort(compareBytes);
  if (family.length > MAX_FAMILY) throw new TaborError("usage", "here", "a family lists at most 16 relays");
  const writer = new Writer(MAX_BODY_LENGTH)
    .u8(VERSION)
    .bytes(relayIdToBytes(descriptor.identity))
    .bytes(key32(descriptor.ntorKey))
    .bytes(key32(descriptor.signalKey))
    .u64(descriptor.published)
    .u8(PLATFORMS.indexOf(descriptor.platform))
    .u8(NAT_CLASSES.indexOf(descriptor.nat))
    .u32(descriptor.capacity)
    .u8(family.length);
  for (const member of family) writer.bytes(member);
  const { policy4, policy6, fetchPolicy } = descriptor;
  const fetching = fetchPolicy === undefined ? new Uint8Array(0) : summaryBytes(fetchPolicy);
  return writer.bytes16(summaryBytes(policy4)).bytes16(summaryBytes(policy6)).bytes16(fetching).finish();
}

function key32(key: Uint8Array): Uint8Array {
  if (key.length !== 32) throw new TaborError("usage", "here", "a key has 32 bytes");
  return key;
}

function summaryBytes(summary: string): Uint8Array {
  if (summary.length > MAX_SUMMARY_LENGTH || !isCanonicalSummary(summary)) {
    throw new TaborError("usage", "here", "not a canonical exit-policy summary of at most 1000 characters");
  }
  return ascii(summary);
}

/** What a byte stands for. @throws malformed. */
function oneOf<T>(values: readonly T[], what: string, reader: Reader): T {
  const value = values[reader.u8()];
  if (value === undefined) throw reader.malformed(`unknown ${what}`);
  return value;
}

function readFamily(reader: Reader): readonly RelayId[] {
  const count = reader.u8();
  if (count > MAX_FAMILY) throw reader.malformed("family too large");
  const family: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const member = reader.bytes(32);
    const previous = family.at(-1);
    if (previous && compareBytes(previous, member) >= 0)
      throw reader.malformed("family not strictly increasing");
    family.push(member);
  }
  return family.map(relayId);
}

function readFetchPolicy(reader: Reader): string | undefined {
  const length = reader.u16();
  return length === 0 ? undefined : readSummaryOf(reader, length);
}

function readSummary(reader: Reader): string {
  return readSummaryOf(reader, reader.u16());
}

function readSummaryOf(reader: Reader, length: number): string {
  if (length > MAX_SUMMARY_LENGTH) throw reader.malformed("exit-policy summary too long");
  const summary = reader.ascii(length);
  if (!isCanonicalSummary(summary)) throw reader.malformed("exit-policy summary is not canonical");
  return summary;
}

function expired(why: string): TaborError {
  return new TaborError("expired", "relay", `descriptor: ${why}`);
}
