import { ascii, concat } from "../bytes/bytes.ts";
import { verifySignature, type SigningKey } from "../crypto/ed25519.ts";
import { relayId, type RelayId } from "../crypto/ids.ts";
import { subtle } from "../crypto/subtle.ts";
import { TaborError } from "../errors.ts";
import { decodeConsensus, encodeConsensus, type ConsensusSignature } from "./consensus-codec.ts";
import type { Consensus } from "./consensus.ts";

/** What decides whether a consensus is accepted (SPEC §8.2). */
export interface ConsensusTrust {
  /** The authorities that the client was configured with. */
  readonly authorities: readonly RelayId[];
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** The newest consensus that the client has: an older one is refused. */
  readonly newest?: Consensus | undefined;
}

const CONTEXT = ascii("tabor-consensus-1");
/** How far the clocks of a client and a directory may differ. */
const MAX_SKEW_MS = 60_000;

/** The consensus with one signature by each key. @param body from `encodeConsensusBody`. */
export async function signConsensus(body: Uint8Array, keys: readonly SigningKey[]): Promise<Uint8Array> {
  const message = concat(CONTEXT, body);
  const signatures = keys.map(async (key) => ({
    authority: key.publicKey,
    signature: await key.sign(message),
  }));
  return encodeConsensus(body, await Promise.all(signatures));
}

/** SHA-256 of a body, for the successor's `previous`. 32 bytes. */
export async function consensusDigest(body: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await subtle.digest("SHA-256", body));
}

/** @throws malformed, expired (or older than the newest known), or not-authentic. */
export async function verifyConsensus(bytes: Uint8Array, trust: ConsensusTrust): Promise<Consensus> {
  const { body, content, signatures } = decodeConsensus(bytes);
  if (trust.now < content.validAfter - MAX_SKEW_MS)
    throw expired("not valid yet; is this device's clock right?");
  if (trust.now >= content.validUntil) throw expired("no longer valid");
  if (trust.newest && content.validAfter < trust.newest.validAfter) throw expired("older than the one known");
  const signers = await validSigners(body, signatures, trust.authorities);
  if (2 * signers.length <= new Set(trust.authorities).size) {
    throw new TaborError(
      "not-authentic",
      "directory",
      "consensus: not signed by more than half of the authorities",
    );
  }
  const relaysById = new Map(content.relays.map((relay) => [relay.descriptor.identity, relay]));
  return { ...content, relaysById, signers };
}

/** Those of `authorities` who signed `body`; signatures of strangers are not even looked at. */
async function validSigners(
  body: Uint8Array,
  signatures: readonly ConsensusSignature[],
  authorities: readonly RelayId[],
): Promise<readonly RelayId[]> {
  const message = concat(CONTEXT, body);
  const checked = signatures
    .filter(({ authority }) => authorities.includes(relayId(authority)))
    .map(async ({ authority, signature }) =>
      (await verifySignature(authority, signature, message)) ? [relayId(authority)] : [],
    );
  return (await Promise.all(checked)).flat();
}

function expired(why: string): TaborError {
  return new TaborError("expired", "directory", `consensus: ${why}`);
}
