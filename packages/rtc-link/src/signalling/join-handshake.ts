import {
  type Random,
  randomBytes,
  type RelayId,
  relayId,
  type SigningKey,
  TaborError,
  verifySignature,
} from "@tabor/onion-core";
import {
  type Challenge,
  type JoinAnswer,
  type JoinFields,
  type JoinRequest,
  joinTranscript,
  NONCE_LENGTH,
  type PeerAddress,
  relayAddress,
  type Role,
  roleOf,
  type Voucher,
  voucherTranscript,
  welcomeTranscript,
} from "@tabor/signal-protocol";

/** The peer's half of joining (SPEC §9.2). */
export interface JoinHandshake {
  readonly request: JoinRequest;
  /**
   * @returns the peer's address.
   * @throws not-authentic if the directory's signature or the address is wrong; what it refused with otherwise.
   */
  complete(answer: JoinAnswer): Promise<PeerAddress>;
}

export interface Joiner {
  readonly role: Role;
  /** A relay's identity, a client's session key, or the member's. */
  readonly key: SigningKey;
  /** An invitation's code, which registers the key. */
  readonly invite?: Uint8Array | undefined;
  /** The member that vouches for a relay. */
  readonly voucher?: SigningKey | undefined;
  /** Digest of the consensus that we have already, 32 bytes. */
  readonly has?: Uint8Array | undefined;
  /** What lets a client in where not everybody is; its nonce is the key. */
  readonly token?: Uint8Array | undefined;
}

/** @param authorities whom the peer was configured with: a directory is one of them. @throws not-authentic for any other. */
export function requireTrusted({ directory }: Challenge, authorities: readonly RelayId[]): void {
  if (authorities.includes(relayId(directory))) return;
  throw notAuthentic("this directory is not one of the authorities that are trusted");
}

/** @throws not-authentic for a directory that is not trusted, before anything is signed. */
export async function answerChallenge(
  challenge: Challenge,
  { role, key, invite, voucher, token, has }: Joiner,
  context: { authorities: readonly RelayId[]; connectionId: string; random: Random },
): Promise<JoinHandshake> {
  requireTrusted(challenge, context.authorities);
  const fields: JoinFields = {
    directory: challenge.directory,
    directoryNonce: challenge.nonce,
    expires: challenge.expires,
    admission: challenge.admission,
    role,
    key: key.publicKey,
    peerNonce: randomBytes(context.random, NONCE_LENGTH),
    connectionId: context.connectionId,
  };
  const signature = await key.sign(joinTranscript(fields));
  return {
    request: {
      ...{ role, key: key.publicKey, nonce: fields.peerNonce, signature },
      ...(invite !== undefined && { invite }),
      ...(has !== undefined && { has }),
      ...(voucher !== undefined && { voucher: await vouch(voucher, fields) }),
      ...(token !== undefined && { token }),
    },
    complete: (answer) => acceptWelcome(answer, fields),
  };
}

async function vouch(member: SigningKey, fields: JoinFields): Promise<Voucher> {
  return { member: member.publicKey, signature: await member.sign(voucherTranscript(fields)) };
}

async function acceptWelcome(answer: JoinAnswer, fields: JoinFields): Promise<PeerAddress> {
  if (!answer.ok) throw joinRefusal(answer.error, fields);
  if (!(await verifySignature(fields.directory, answer.signature, welcomeTranscript(fields)))) {
    throw notAuthentic("the directory did not prove its identity");
  }
  const isMine =
    fields.role === "relay"
      ? answer.address === relayAddress(relayId(fields.key))
      : roleOf(answer.address) === "client";
  if (!isMine) throw notAuthentic("the directory gave another peer's address");
  return answer.address;
}

type Refusal = (JoinAnswer & { ok: false })["error"];

/** To a client, whose token was refused, it does not say that the member is none: the token's epoch may be over. */
function joinRefusal(error: Refusal, { admission, role }: JoinFields): TaborError {
  const isStranger = error === "not-authentic" && admission !== "open" && role !== "client";
  return isStranger ? notAMember() : refusal(error);
}

export function notAMember(): TaborError {
  return new TaborError("not-a-member", "directory", "this network lets members in only");
}

/** What a directory's refusal means to its caller. */
export function refusal(error: Refusal): TaborError {
  const message = `the directory refused: ${error}`;
  switch (error) {
    case "malformed":
      return new TaborError("malformed", "directory", message);
    case "not-authentic":
      return new TaborError("not-authentic", "directory", message);
    case "expired":
      return new TaborError("expired", "directory", message);
    case "not-joined":
    case "not-allowed":
      return new TaborError("protocol", "directory", message);
    case "rate-limited":
      return new TaborError("resource-limit", "directory", message);
    case "unknown-peer":
      return new TaborError("unreachable", "directory", message);
  }
}

function notAuthentic(message: string): TaborError {
  return new TaborError("not-authentic", "directory", message);
}
