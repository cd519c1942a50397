/** One peer's connection: challenge, join, publish, signal (SPEC §9.2, §9.3). */
import {
  type Cancel,
  type Clock,
  type Descriptor,
  type Random,
  randomBytes,
  relayId,
  type RelayId,
  type SigningKey,
  TaborError,
  verifyDescriptor,
  verifySignature,
} from "@tabor/onion-core";
import {
  type Answer,
  type Challenge,
  CHALLENGE_LIFETIME,
  CLIENT_NAME_LENGTH,
  clientAddress,
  type DrawAnswer,
  type DrawRequest,
  type IncomingSignal,
  type JoinAnswer,
  type JoinFields,
  type JoinRequest,
  joinTranscript,
  NONCE_LENGTH,
  type OutgoingSignal,
  type PeerAddress,
  relayAddress,
  type Role,
  roleOf,
  type SignalErrorCode,
  welcomeTranscript,
} from "@tabor/signal-protocol";
import type { Admission, Admitted } from "../admission/admission.ts";
import type { PeerPort } from "./peer-port.ts";

/** A peer that has joined. */
export interface Member {
  readonly role: Role;
  readonly address: PeerAddress;
  /** A relay's identity; a client's session key, which nobody else learns. */
  readonly id: RelayId;
  /** When it joined, milliseconds since the Unix epoch. */
  readonly since: number;
  readonly admitted: Admitted;
  readonly port: PeerPort;
}

/** A relay's descriptor with its own bytes, verified. */
export interface Published {
  readonly descriptor: Descriptor;
  readonly descriptorBytes: Uint8Array;
}

/** What a session tells the directory. */
export interface SessionOwner {
  /** @param has digest of the consensus that the peer has already, 32 bytes. */
  joined(member: Member, has: Uint8Array | undefined): void;
  has(member: Member, digest: Uint8Array | undefined): void;
  published(member: Member, published: Published): void;
  left(member: Member): void;
  /** @returns whether somebody has the address now, and took the signal. */
  signal(to: PeerAddress, signal: IncomingSignal): boolean | Promise<boolean>;
}

export interface SessionOptions {
  readonly port: PeerPort;
  readonly owner: SessionOwner;
  readonly admission: Admission;
  /** The directory's own identity. */
  readonly identity: SigningKey;
  readonly clock: Clock;
  readonly random: Random;
}

type Phase =
  | { readonly name: "challenged"; readonly challenge: Challenge }
  /** The one attempt of the challenge was made; it may have failed. */
  | { readonly name: "attempted" }
  | { readonly name: "joined"; readonly member: Member }
  | { readonly name: "ended" };

export class Session {
  readonly #options: SessionOptions;
  readonly #cancelDeadline: Cancel;
  #phase: Phase;

  /** Challenges the peer at once, and closes the connection if it has not joined in time. */
  constructor(options: SessionOptions) {
    this.#options = options;
    const { admission, clock, identity, port, random } = options;
    const challenge: Challenge = {
      directory: identity.publicKey,
      nonce: randomBytes(random, NONCE_LENGTH),
      expires: clock.now() + CHALLENGE_LIFETIME,
      admission: admission.mode,
    };
    this.#phase = { name: "challenged", challenge };
    this.#cancelDeadline = clock.after(CHALLENGE_LIFETIME, () => {
      port.close();
    });
    port.challenge(challenge);
  }

  async join(request: JoinRequest): Promise<JoinAnswer> {
    if (this.#phase.name !== "challenged") return refuse("not-allowed");
    const { challenge } = this.#phase;
    // Spent before anything is checked: a second attempt, also one under way at the same time, finds it gone.
    this.#phase = { name: "attempted" };
    if (this.#options.clock.now() >= challenge.expires) return refuse("expired");
    const fields = this.#fields(challenge, request);
    if (!(await verifySignature(request.key, request.signature, joinTranscript(fields)))) {
      return refuse("not-authentic");
    }
    const signature = await this.#options.identity.sign(welcomeTranscript(fields));
    const admitted = await this.#options.admission.admit(request, fields).catch(strangersOnly);
    // Who is a stranger learns no more than who signs wrongly.
    if (!admitted) return refuse("not-authentic");
    const member = this.#become(request, admitted);
    return member ? { ok: true, address: member.address, signature } : refuse("expired");
  }

  async publish(descriptorBytes: Uint8Array): Promise<Answer> {
    if (this.#phase.name !== "joined") return refuse("not-joined");
    const { member } = this.#phase;
    if (member.role !== "relay") return refuse("not-allowed");
    try {
      const descriptor = await verifyDescriptor(descriptorBytes, this.#options.clock.now());
      if (descriptor.identity !== member.id) return refuse("not-authentic");
      if (!this.#isJoined()) return refuse("not-joined");
      this.#options.owner.published(member, { descriptor, descriptorBytes });
      return { ok: true };
    } catch (error) {
      return refuse(codeOf(error));
    }
  }

  /** The peer has accepted a consensus, or lacks the one that a difference was from. @param digest zeros for none. */
  has(digest: Uint8Array): Answer {
    if (this.#phase.name !== "joined") return refuse("not-joined");
    this.#options.owner.has(this.#phase.member, digest.some(Boolean) ? digest : undefined);
    return { ok: true };
  }

  /** Who shows its member key draws tokens, and does nothing else. */
  async draw(request: DrawRequest): Promise<DrawAnswer> {
    if (this.#phase.name !== "joined") return refuse("not-joined");
    const { role, admitted } = this.#phase.member;
    if (role !== "member") return refuse("not-allowed");
    try {
      return { ok: true, signatures: await this.#options.admission.draw(admitted, request) };
    } catch (error) {
      return refuse(codeOf(error));
    }
  }

  /** Clients reach relays, and relays everyone: two clients have no link (SPEC §2.3). */
  signal({ to, blob }: OutgoingSignal): Answer | Promise<Answer> {
    if (this.#phase.name !== "joined") return refuse("not-joined");
    const { role, address } = this.#phase.member;
    if (role === "member" || (role === "client" && roleOf(to) === "client")) return refuse("not-allowed");
    const isTaken = this.#options.owner.signal(to, { from: address, blob });
    return typeof isTaken === "boolean" ? signalled(isTaken) : isTaken.then(signalled);
  }

  /** The connection is gone. */
  ended(): void {
    this.#cancelDeadline();
    const phase = this.#phase;
    this.#phase = { name: "ended" };
    if (phase.name === "joined") this.#options.owner.left(phase.member);
  }

  /** @returns undefined if the connection was lost while its signature was being checked. */
  #become({ role, key, has }: JoinRequest, admitted: Admitted): Member | undefined {
    if (this.#phase.name !== "attempted") return undefined;
    const { port, owner, clock, random } = this.#options;
    const id = relayId(key);
    const address =
      role === "relay" ? relayAddress(id) : clientAddress(randomBytes(random, CLIENT_NAME_LENGTH));
    const member: Member = { role, address, id, since: clock.now(), admitted, port };
    this.#cancelDeadline();
    this.#phase = { name: "joined", member };
    port.joined(address);
    owner.joined(member, has);
    return member;
  }

  #isJoined(): boolean {
    return this.#phase.name === "joined";
  }

  #fields(challenge: Challenge, { role, key, nonce }: JoinRequest): JoinFields {
    const { connectionId } = this.#options.port;
    return {
      directory: challenge.directory,
      directoryNonce: challenge.nonce,
      expires: challenge.expires,
      admission: challenge.admission,
      role,
      key,
      peerNonce: nonce,
      connectionId,
    };
  }
}

function signalled(isTaken: boolean): Answer {
  return isTaken ? { ok: true } : refuse("unknown-peer");
}

export function refuse(error: SignalErrorCode): { ok: false; error: SignalErrorCode } {
  return { ok: false, error };
}

/** What is wrong with a token is told to nobody. @throws what was our own fault. */
function strangersOnly(error: unknown): undefined {
  if (error instanceof TaborError && error.where !== "here") return undefined;
  throw error;
}

/** How a failure is told to the peer that caused it. */
export function codeOf(error: unknown): SignalErrorCode {
  const code = error instanceof TaborError ? error.code : undefined;
  if (code === "not-authentic" || code === "expired") return code;
  if (code === "resource-limit") return "rate-limited";
  return "malformed";
}
