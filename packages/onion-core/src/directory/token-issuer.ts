import { compareBytes } from "../bytes/compare.ts";
import { concat } from "../bytes/bytes.ts";
import type { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { relayId, relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";
import { isRising } from "./rising.ts";

/** A key with which an authority signs tokens blindly (SPEC §9.7). */
export interface IssuerKey {
  /** When its epoch began, milliseconds since the Unix epoch. */
  readonly from: number;
  /** Until when its tokens are taken, if it is listed so long; above `from`. */
  readonly until: number;
  /** RSA's n of 2048 bits, 256 bytes; e is 65537. */
  readonly modulus: Uint8Array;
}

/** The same in a consensus. */
export interface TokenIssuer extends IssuerKey {
  readonly authority: RelayId;
}

export const MODULUS_LENGTH = 256;
/** The one that issues, and the one before it. */
const MAX_KEYS = 2;

/** An authority's own keys, in its vote: `n u8 | (from u64 | until u64 | modulus (256)) × n`. @throws usage. */
export function writeIssuerKeys(writer: Writer, keys: readonly IssuerKey[]): void {
  if (keys.length > MAX_KEYS || !areOrdered(keys))
    throw usage("an authority's issuers are two at most, in order");
  writer.u8(keys.length);
  for (const key of keys) writeKey(writer, key);
}

/** @throws malformed. */
export function readIssuerKeys(reader: Reader): readonly IssuerKey[] {
  const count = reader.u8();
  if (count > MAX_KEYS) throw reader.malformed("more issuers than an authority has");
  const keys = Array.from({ length: count }, () => readKey(reader));
  if (!areOrdered(keys)) throw reader.malformed("issuers not strictly increasing");
  return keys;
}

/** Those of all, in a consensus: `n u8 | (authority (32) | from u64 | until u64 | modulus (256)) × n`. @throws usage. */
export function writeIssuers(writer: Writer, issuers: readonly TokenIssuer[]): void {
  if (!isRising(issuers.map(orderOf))) throw usage("the issuers of a consensus are ordered");
  writer.u8(issuers.length);
  for (const issuer of issuers) writeKey(writer.bytes(relayIdToBytes(issuer.authority)), issuer);
}

/** @throws malformed. */
export function readIssuers(reader: Reader): readonly TokenIssuer[] {
  const issuers: TokenIssuer[] = [];
  for (let n = reader.u8(); n > 0; n--) {
    const authority = relayId(reader.bytes(32));
    issuers.push({ authority, ...readKey(reader) });
  }
  if (!isRising(issuers.map(orderOf))) throw reader.malformed("issuers not strictly increasing");
  return issuers;
}

/** Each authority speaks for its own keys alone. In the order of a consensus. */
export function issuersOf(
  votes: readonly { readonly authority: RelayId; readonly issuers: readonly IssuerKey[] }[],
): readonly TokenIssuer[] {
  return votes
    .flatMap(({ authority, issuers }) => issuers.map((key) => ({ authority, ...key })))
    .map((issuer) => ({ issuer, order: orderOf(issuer) }))
    .sort((a, b) => compareBytes(a.order, b.order))
    .map(({ issuer }) => issuer);
}

function writeKey(writer: Writer, { from, until, modulus }: IssuerKey): void {
  if (!isKey({ from, until, modulus })) throw usage("this is no issuer's key");
  writer.u64(from).u64(until).bytes(modulus);
}

function readKey(reader: Reader): IssuerKey {
  const key = { from: reader.u64(), until: reader.u64(), modulus: reader.bytes(MODULUS_LENGTH).slice() };
  if (!isKey(key)) throw reader.malformed("no issuer's key");
  return key;
}

/** 2048 bits, and odd. That it is the product of two primes nobody can tell; who announces another breaks its own tokens. */
function isKey({ from, until, modulus }: IssuerKey): boolean {
  const [first = 0] = modulus;
  const isModulus = modulus.length === MODULUS_LENGTH && first >= 0x80 && (modulus.at(-1) ?? 0) % 2 === 1;
  return from < until && isModulus;
}

function areOrdered(keys: readonly IssuerKey[]): boolean {
  return keys.every(({ from }, i) => i === 0 || from > (keys[i - 1]?.from ?? from));
}

function orderOf({ authority, from }: TokenIssuer): Uint8Array {
  return concat(relayIdToBytes(authority), new Writer(8).u64(from).finish());
}

function usage(why: string): TaborError {
  return new TaborError("usage", "here", why);
}
