import { generateSigningKey, type SigningKey, signDescriptor } from "@tabor/onion-core";
import {
  type Challenge,
  type IncomingSignal,
  type JoinFields,
  type JoinRequest,
  joinTranscript,
  type PeerAddress,
  type Role,
} from "@tabor/signal-protocol";
import type { ConsensusMessage } from "../directory/consensus-history.ts";
import type { Directory } from "../directory/directory.ts";
import type { PeerPort } from "../directory/peer-port.ts";
import type { Session } from "../directory/session.ts";

/** A peer with a connection to a `Directory` in the same memory. */
export class MemoryPeer implements PeerPort {
  readonly consensuses: Uint8Array[] = [];
  readonly differences: Uint8Array[] = [];
  readonly signals: IncomingSignal[] = [];
  readonly session: Session;
  challenged: Challenge | undefined;
  address: PeerAddress | undefined;
  isClosed = false;
  /** Whether it reads what it is sent. */
  reads = true;

  constructor(
    directory: Directory,
    readonly key: SigningKey,
    readonly connectionId: string,
    readonly remoteAddress = "127.0.0.1",
  ) {
    this.session = directory.connect(this);
  }

  challenge(challenge: Challenge): void {
    this.challenged = challenge;
  }

  joined(address: PeerAddress): void {
    this.address = address;
  }

  consensus({ kind, bytes }: ConsensusMessage): void {
    (kind === "whole" ? this.consensuses : this.differences).push(bytes);
  }

  whenReady(then: () => void): void {
    then();
  }

  signal(signal: IncomingSignal): boolean {
    if (this.reads) this.signals.push(signal);
    return this.reads;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.session.ended();
  }

  /** What an honest peer asks; `fields` replaces what it signs. */
  async request(role: Role, fields: Partial<JoinFields> = {}): Promise<JoinRequest> {
    if (!this.challenged) throw new Error("not challenged");
    const { directory, nonce, expires, admission } = this.challenged;
    const { key, connectionId } = this;
    const peerNonce = new Uint8Array(32).fill(7);
    const own = {
      directory,
      directoryNonce: nonce,
      expires,
      admission,
      role,
      key: key.publicKey,
      peerNonce,
      connectionId,
    };
    const signature = await key.sign(joinTranscript({ ...own, ...fields }));
    return { role, key: key.publicKey, nonce: peerNonce, signature };
  }

  async join(role: Role) {
    return this.session.join(await this.request(role));
  }
}

export async function freshKey(): Promise<SigningKey> {
  return (await generateSigningKey()).key;
}

/** @param published milliseconds since the Unix epoch. */
export function descriptorOf(key: SigningKey, published: number): Promise<Uint8Array> {
  return signDescriptor(
    {
      ntorKey: new Uint8Array(32).fill(1),
      signalKey: new Uint8Array(32).fill(2),
      published,
      platform: "node",
      nat: "unknown",
      capacity: 1000,
      family: [],
      policy4: "reject 1-65535",
      policy6: "reject 1-65535",
    },
    key,
  );
}
