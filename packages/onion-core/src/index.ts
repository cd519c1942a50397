/** The onion core: what its users may import. */
export * from "./errors.ts";
export * from "./bytes/bytes.ts";
export * from "./bytes/base64url.ts";
export * from "./bytes/compare.ts";
export { Reader } from "./bytes/reader.ts";
export { Writer } from "./bytes/writer.ts";
export type * from "./ports/aead.ts";
export type * from "./ports/primitives.ts";
export type * from "./ports/clock.ts";
export * from "./ports/data-channel.ts";
export * from "./ports/log.ts";
export * from "./ports/random.ts";
export * from "./crypto/ids.ts";
export * from "./crypto/ed25519.ts";
export * from "./crypto/x25519.ts";
export { kemRefused, mlKem768, refusingKem } from "./crypto/ml-kem-768.ts";
export { webAead } from "./crypto/web-aead.ts";
export * from "./crypto/web-primitives.ts";
export { CELL_LENGTH } from "./cell/cell.ts";
export { MAX_STREAM_DATA } from "./cell/relay-message.ts";
export * from "./cell/end-reason.ts";
export {
  ANY_ADDRESS,
  type AddressPreference,
  type Connected,
  type FetchOrigin,
  type IpAddress,
  type ResolvedAnswer,
  type StreamTarget,
} from "./cell/stream-bodies.ts";
export * from "./stream/duplex.ts";
export * from "./stream/exit-port.ts";
export type * from "./directory/source.ts";
export * from "./directory/descriptor.ts";
export type * from "./directory/consensus.ts";
export * from "./directory/nat.ts";
export * from "./directory/consensus-signatures.ts";
export * from "./directory/exit-policy.ts";
export { PolicySummary } from "./directory/policy-summary.ts";
export { parseIpAddress } from "./directory/ip-network.ts";
export * from "./directory/authority.ts";
export type * from "./directory/authority-report.ts";
export * from "./directory/consensus-diff.ts";
export * from "./directory/sole-authority.ts";
export type * from "./directory/joined-relay.ts";
export * from "./directory/measurements.ts";
export { MODULUS_LENGTH, type IssuerKey, type TokenIssuer } from "./directory/token-issuer.ts";
export {
  decodeConsensus,
  type UnsignedConsensus,
  type UnverifiedConsensus,
} from "./directory/consensus-codec.ts";
export * from "./directory/digest.ts";
export * from "./directory/vote.ts";
export * from "./directory/explain.ts";
export * from "./handshake/link-gate.ts";
export * from "./client/onion-client.ts";
export * from "./client/probe-relay.ts";
export * from "./client/measure/measurer.ts";
export type * from "./client/circuit-info.ts";
export type * from "./client/status.ts";
export type { PaddingMode } from "./padding/silence.ts";
export type { GuardStore } from "./client/guards/guards.ts";
export * from "./relay/limits/data-allowance.ts";
export * from "./relay/onion-relay.ts";
export type { Signalled } from "./relay/linker.ts";
export * from "./relay/relay-mesh.ts";
