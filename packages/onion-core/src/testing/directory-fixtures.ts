import { generateSigningKey, type SigningKey } from "../crypto/ed25519.ts";
import { relayId, type RelayId } from "../crypto/ids.ts";
import { UNWEIGHTED, type BandwidthWeights } from "../directory/bandwidth-weights.ts";
import { decodeConsensus } from "../directory/consensus-codec.ts";
import { signConsensus, verifyConsensus } from "../directory/consensus-signatures.ts";
import type { Consensus, RelayEntry, RelayFlag } from "../directory/consensus.ts";
import { decodeDescriptor, signDescriptor, type Descriptor } from "../directory/descriptor.ts";
import type { JoinedRelay } from "../directory/joined-relay.ts";
import { buildConsensus } from "../directory/sole-authority.ts";
import type { IssuerKey } from "../directory/token-issuer.ts";

/** When the fixtures are made: 15 January 2027. */
export const TEST_NOW = 1_800_000_000_000;

/** A relay that a directory lists, with the key that signs for it. */
export interface TestRelay extends JoinedRelay {
  readonly key: SigningKey;
}

/** Fields that a test does not care about: a Node relay of 1000 KiB/s, no family, no exit. */
const FIELDS: Omit<Descriptor, "identity"> = {
  ntorKey: new Uint8Array(32).fill(1),
  signalKey: new Uint8Array(32).fill(2),
  published: TEST_NOW,
  platform: "node",
  nat: "unknown",
  capacity: 1000,
  family: [],
  policy4: "reject 1-65535",
  policy6: "reject 1-65535",
};

/** A relay with a signed descriptor. @param key a fresh one if left out. */
export async function testRelay(
  fields: Partial<Omit<Descriptor, "identity">> = {},
  key?: SigningKey,
): Promise<TestRelay> {
  const signer = key ?? (await generateSigningKey()).key;
  const descriptorBytes = await signDescriptor({ ...FIELDS, ...fields }, signer);
  const descriptor = decodeDescriptor(descriptorBytes);
  return { key: signer, descriptor, descriptorBytes, address: "127.0.0.1", since: TEST_NOW };
}

/** A signed descriptor. */
export async function testDescriptor(
  fields: Partial<Omit<Descriptor, "identity">> = {},
): Promise<Uint8Array> {
  return (await testRelay(fields)).descriptorBytes;
}

export interface TestConsensus {
  readonly consensus: Consensus;
  readonly bytes: Uint8Array;
  /** To be trusted by those who verify `bytes`. */
  readonly authorities: readonly RelayId[];
}

/** What an authority says of these relays at `now`, signed by `signers` (one fresh authority), and verified. */
export async function testConsensus(options: {
  readonly relays: readonly JoinedRelay[];
  readonly now?: number;
  readonly signers?: readonly SigningKey[];
  /** The bytes of the consensus before. */
  readonly predecessor?: Uint8Array;
}): Promise<TestConsensus> {
  const { relays, now = TEST_NOW, predecessor } = options;
  const signers = options.signers ?? [(await generateSigningKey()).key];
  const { body } = await buildConsensus({
    authority: signers[0]?.id ?? testId(0),
    relays,
    now,
    predecessor: predecessor && decodeConsensus(predecessor),
  });
  const bytes = await signConsensus(body, signers);
  const authorities = signers.map(({ id }) => id);
  return { bytes, authorities, consensus: await verifyConsensus(bytes, { authorities, now }) };
}

/** The n-th of as many identities as a test needs; no key belongs to it. */
export function testId(n: number): RelayId {
  const identity = new Uint8Array(32);
  new DataView(identity.buffer).setUint32(0, n);
  return relayId(identity);
}

/** Entry number `n` of a consensus that nobody signed: for tests of what is made of a consensus. It has no bytes. */
export function testEntry(
  n: number,
  fields: Partial<Omit<RelayEntry, "descriptor" | "flags">> & {
    readonly descriptor?: Partial<Descriptor>;
    readonly flags?: readonly RelayFlag[];
  } = {},
): RelayEntry {
  return {
    weight: 1000,
    network: new Uint8Array(0),
    descriptorBytes: new Uint8Array(0),
    ...fields,
    flags: new Set(fields.flags ?? ["Running", "Valid"]),
    descriptor: { ...FIELDS, identity: testId(n), ...fields.descriptor },
  };
}

/** Not the product of two primes, which nobody looks at in a document. */
export function testIssuerKey(from: number): IssuerKey {
  return { from, until: from + 86_400_000, modulus: new Uint8Array(256).fill(0x81 + 2 * (from % 4)) };
}

/** A consensus of such entries. */
export function unsignedConsensus(
  relays: readonly RelayEntry[],
  weights: BandwidthWeights = UNWEIGHTED,
): Consensus {
  return {
    validAfter: TEST_NOW,
    freshUntil: TEST_NOW + 1,
    validUntil: TEST_NOW + 2,
    previous: new Uint8Array(32),
    weights,
    votes: [],
    issuers: [],
    relays,
    digest: new Uint8Array(32),
    relaysById: new Map(relays.map((relay) => [relay.descriptor.identity, relay])),
    signers: [],
  };
}
