import type { LinkGate } from "./link-gate.ts";
import {
  decodeAuthenticate,
  decodeAuthorize,
  decodeVersions,
  encodeAuthenticate,
  encodeAuthorize,
  encodeVersions,
  padBody,
  type Authenticate,
  type Versions,
} from "./link-messages.ts";
import { ascii } from "../bytes/bytes.ts";
import { Writer } from "../bytes/writer.ts";
import type { CellCommand } from "../cell/cell.ts";
import { verifySignature, type SigningKey } from "../crypto/ed25519.ts";
import { relayId, type RelayId } from "../crypto/ids.ts";
import { TaborError } from "../errors.ts";

/** One end of a link that is to be. */
export interface LinkEnd {
  /** With it a relay proves who it is; undefined: a client, who stays anonymous. */
  readonly identity: SigningKey | undefined;
  /** SHA-256 fingerprints of the two DTLS certificates, 32 bytes each. */
  readonly fingerprints: { readonly local: Uint8Array; readonly remote: Uint8Array };
  /** 32 fresh random bytes. */
  readonly nonce: Uint8Array;
  /** Whom we dialled; undefined: whoever dialled us. */
  readonly expected: RelayId | undefined;
  /** What a client shows to the relay that it dialled; undefined: nothing. */
  readonly token: Uint8Array | undefined;
  /** What a relay asks of whoever dialled it. */
  readonly gate: LinkGate;
}

/** Who is at the other end, as the handshake has proved. */
export type LinkPeer = { readonly role: "client" } | { readonly role: "relay"; readonly id: RelayId };

/** A cell of circuit 0, with its whole body. */
export interface HandshakeCell {
  readonly command: CellCommand;
  readonly body: Uint8Array;
}

/** Where the handshake stands: which cell must come next, or how it ended. */
export type LinkHandshake = AwaitingVersions | AwaitingAuthenticate | AwaitingAuthorize | LinkComplete;

interface AwaitingVersions {
  readonly stage: "versions";
  readonly end: LinkEnd;
  readonly ours: Side;
}

interface AwaitingAuthenticate {
  readonly stage: "authenticate";
  readonly end: LinkEnd;
  readonly version: number;
  readonly ours: Side;
  readonly theirs: Side;
}

interface AwaitingAuthorize {
  readonly stage: "authorize";
  readonly version: number;
  readonly gate: LinkGate;
}

export interface LinkComplete {
  readonly stage: "complete";
  readonly version: number;
  readonly peer: LinkPeer;
}

/** What to send now, in order, and where the handshake stands then. */
export interface LinkHandshakeStep {
  readonly send: readonly HandshakeCell[];
  readonly next: LinkHandshake;
}

/** What each signature binds of either side. */
interface Side {
  /** Of its DTLS certificate, 32 bytes. */
  readonly fingerprint: Uint8Array;
  /** VERSIONS as it sent it, without padding. */
  readonly versions: Uint8Array;
}

/** Link versions that we speak, strictly increasing. */
const SUPPORTED_VERSIONS: readonly number[] = [1];
const FINGERPRINT_LENGTH = 32;
const CONTEXT = ascii("tabor-link-1");

/** The first step of SPEC §2.2, of either side. */
export function startLinkHandshake(end: LinkEnd): LinkHandshakeStep {
  const { local, remote } = end.fingerprints;
  if (local.length !== FINGERPRINT_LENGTH || remote.length !== FINGERPRINT_LENGTH) {
    throw new TaborError("usage", "here", "a fingerprint has 32 bytes");
  }
  const role = end.identity === undefined ? "client" : "relay";
  const versions = encodeVersions({ versions: SUPPORTED_VERSIONS, role, nonce: end.nonce });
  const next = { stage: "versions", end, ours: { fingerprint: local, versions } } as const;
  return { send: [{ command: "VERSIONS", body: padBody(versions) }], next };
}

/**
 * Takes the next cell that came on the link; the one after it must wait for this step. A side may be complete before
 * the other: what follows the last handshake cell is the link's.
 * @throws malformed, protocol (another cell than the one that must come; two clients; no common version) or not-authentic
 * (another relay than expected, or not bound to this link): each closes the link.
 */
export async function receiveHandshakeCell(
  handshake: LinkHandshake,
  received: HandshakeCell,
): Promise<LinkHandshakeStep> {
  switch (handshake.stage) {
    case "versions":
      return receiveVersions(handshake, decodeVersions(bodyOf(received, "VERSIONS")));
    case "authenticate":
      return receiveAuthenticate(handshake, decodeAuthenticate(bodyOf(received, "AUTHENTICATE")));
    case "authorize":
      return receiveAuthorize(handshake, decodeAuthorize(bodyOf(received, "AUTHORIZE")));
    case "complete":
      throw protocol("handshake after the handshake");
  }
}

async function receiveVersions(
  { end, ours }: AwaitingVersions,
  received: Versions,
): Promise<LinkHandshakeStep> {
  const version = highestCommon(received.versions);
  const theirs = { fingerprint: end.fingerprints.remote, versions: encodeVersions(received) };
  if (end.identity === undefined && received.role === "client") throw protocol("two clients have no link");
  if (end.expected !== undefined && received.role === "client")
    throw notAuthentic("a client answers for a relay");
  const send = end.identity === undefined ? [] : [await authenticate(end.identity, ours, theirs)];
  if (received.role === "relay") return { send, next: { stage: "authenticate", end, version, ours, theirs } };
  const { gate } = end;
  if (await gate.demandsTokens()) return { send, next: { stage: "authorize", version, gate } };
  return { send, next: { stage: "complete", version, peer: { role: "client" } } };
}

async function receiveAuthenticate(
  { end, version, ours, theirs }: AwaitingAuthenticate,
  { identity, signature }: Authenticate,
): Promise<LinkHandshakeStep> {
  const id = relayId(identity);
  const { expected, gate, token } = end;
  if (expected !== undefined && id !== expected)
    throw notAuthentic("another relay than the one that was dialled");
  const authentic = await verifySignature(identity, signature, transcript(theirs, ours, identity));
  if (!authentic) throw notAuthentic("the relay's signature does not fit this link");
  if (expected === undefined) await gate.admitRelay(id);
  // Now it is known who takes the token: nobody in between could.
  const send = token === undefined ? [] : [authorize(token)];
  return { send, next: { stage: "complete", version, peer: { role: "relay", id } } };
}

async function receiveAuthorize(
  { version, gate }: AwaitingAuthorize,
  token: Uint8Array,
): Promise<LinkHandshakeStep> {
  await gate.admitClient(token);
  return { send: [], next: { stage: "complete", version, peer: { role: "client" } } };
}

function authorize(token: Uint8Array): HandshakeCell {
  return { command: "AUTHORIZE", body: padBody(encodeAuthorize(token)) };
}

async function authenticate(key: SigningKey, ours: Side, theirs: Side): Promise<HandshakeCell> {
  const signature = await key.sign(transcript(ours, theirs, key.publicKey));
  return {
    command: "AUTHENTICATE",
    body: padBody(encodeAuthenticate({ identity: key.publicKey, signature })),
  };
}

/** What AUTHENTICATE signs. */
function transcript(signer: Side, other: Side, identity: Uint8Array): Uint8Array {
  return new Writer(512)
    .bytes(CONTEXT)
    .bytes(signer.fingerprint)
    .bytes(other.fingerprint)
    .bytes16(signer.versions)
    .bytes16(other.versions)
    .bytes(identity)
    .finish();
}

function highestCommon(offered: readonly number[]): number {
  const version = SUPPORTED_VERSIONS.findLast((supported) => offered.includes(supported));
  if (version === undefined) throw protocol("no common link version");
  return version;
}

function bodyOf(received: HandshakeCell, command: CellCommand): Uint8Array {
  if (received.command !== command) throw protocol(`${received.command} in place of ${command}`);
  return received.body;
}

function protocol(what: string): TaborError {
  return new TaborError("protocol", "link", `link handshake: ${what}`);
}

function notAuthentic(what: string): TaborError {
  return new TaborError("not-authentic", "link", `link handshake: ${what}`);
}
