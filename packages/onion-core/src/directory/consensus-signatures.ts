import { ascii, concat } from "../bytes/bytes.ts";
import { compareBytes } from "../bytes/compare.ts";
import { Writer } from "../bytes/writer.ts";
import { verifySignature, type SigningKey } from "../crypto/ed25519.ts";
import { relayId, shortId, type RelayId } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";
import {
  decodeConsensus,
  encodeConsensus,
  type AuthoritySignature,
  type UnverifiedConsensus,
} from "./consensus-codec.ts";
import type { Consensus } from "./consensus.ts";
import { documentDigest } from "./digest.ts";

/** What decides whether a consensus is accepted (SPEC §8.2). */
export interface ConsensusTrust {
  /** The authorities that the client was configured with. */
  readonly authorities: readonly RelayId[];
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** The newest consensus that the client has: an older one is refused, and so is another one of its time. */
  readonly newest?: Consensus | undefined;
}

const CONTEXT = ascii("tabor-consensus-2");
/** How far the clocks of a client and a directory may differ. */
const MAX_SKEW_MS = 60_000;

/** The consensus with one signature by each key. @param body from `encodeConsensusBody`. */
export async function signConsensus(body: Uint8Array, keys: readonly SigningKey[]): Promise<Uint8Array> {
  const { validAfter } = decodeConsensus(concat(body, Uint8Array.of(0))).content;
  const digest = await documentDigest(body);
  return encodeConsensus(
    body,
    await Promise.all(keys.map((key) => signDetached({ validAfter, digest }, key))),
  );
}

/** SHA-256 of a body, for the successor's `previous`. 32 bytes. */
export function consensusDigest(body: Uint8Array): Promise<Uint8Array> {
  return documentDigest(body);
}

/** Names a consensus by its time, so that two signatures of one authority for one time are proof against it. */
export interface ConsensusName {
  /** Milliseconds since the Unix epoch. */
  readonly validAfter: number;
  /** 32 bytes. */
  readonly digest: Uint8Array;
}

/** A signature by itself, as authorities exchange them. */
export async function signDetached(name: ConsensusName, key: SigningKey): Promise<AuthoritySignature> {
  return { authority: key.publicKey, signature: await key.sign(statement(name)) };
}

export function verifyDetached(
  name: ConsensusName,
  { authority, signature }: AuthoritySignature,
): Promise<boolean> {
  return verifySignature(authority, signature, statement(name));
}

/**
 * @throws malformed, expired (or older than the newest known), or not-authentic; then the message names who signed and
 * who did not.
 */
export async function verifyConsensus(bytes: Uint8Array, trust: ConsensusTrust): Promise<Consensus> {
  return verifyDecoded(decodeConsensus(bytes), trust);
}

/** The same of one that has been decoded, or put together from a difference. */
export async function verifyDecoded(
  { body, content, signatures }: UnverifiedConsensus,
  trust: ConsensusTrust,
): Promise<Consensus> {
  const { newest, now } = trust;
  if (now < content.validAfter - MAX_SKEW_MS) throw expired("not valid yet; is this device's clock right?");
  if (now >= content.validUntil) throw expired("no longer valid");
  if (newest && content.validAfter < newest.validAfter) throw expired("older than the one known");
  const digest = await documentDigest(body);
  const authorities = [...new Set(trust.authorities)];
  const signers = await validSigners({ validAfter: content.validAfter, digest }, signatures, authorities);
  if (2 * signers.length <= authorities.length) throw tooFew(authorities, signers);
  const relaysById = new Map(content.relays.map((relay) => [relay.descriptor.identity, relay]));
  const consensus = { ...content, relaysById, digest, signers };
  if (newest) refuseSecond(consensus, newest);
  return consensus;
}

/** Those of `authorities` who signed; signatures of strangers are not even looked at. */
async function validSigners(
  name: ConsensusName,
  signatures: readonly AuthoritySignature[],
  authorities: readonly RelayId[],
): Promise<readonly RelayId[]> {
  const checked = signatures
    .filter(({ authority }) => authorities.includes(relayId(authority)))
    .map(async (signature) =>
      (await verifyDetached(name, signature)) ? [relayId(signature.authority)] : [],
    );
  return (await Promise.all(checked)).flat();
}

/** Whoever signed both has broken the rule that an authority signs one consensus for a time. */
function refuseSecond(consensus: Consensus, newest: Consensus): void {
  if (consensus.validAfter !== newest.validAfter || compareBytes(consensus.digest, newest.digest) === 0)
    return;
  const both = consensus.signers.filter((signer) => newest.signers.includes(signer));
  throw notAuthentic(`two for one time; signed both: ${named(both)}`);
}

function tooFew(authorities: readonly RelayId[], signers: readonly RelayId[]): TaborError {
  const missing = authorities.filter((id) => !signers.includes(id));
  return notAuthentic(
    `signed by ${String(signers.length)} of ${String(authorities.length)} authorities, and more than half are needed; ` +
      `signed: ${named(signers)}; not signed: ${named(missing)}`,
  );
}

function named(ids: readonly RelayId[]): string {
  return ids.length === 0 ? "none" : ids.map(shortId).sort().join(", ");
}

function statement({ validAfter, digest }: ConsensusName): Uint8Array {
  return new Writer().bytes(CONTEXT).u64(validAfter).bytes(digest).finish();
}

function notAuthentic(why: string): TaborError {
  return new TaborError("not-authentic", "directory", `consensus: ${why}`);
}

function expired(why: string): TaborError {
  return new TaborError("expired", "directory", `consensus: ${why}`);
}
