/** Peers that cost as little as they can: they join, and look for one relay in what they are sent. */
import { Agent } from "node:http";
import { generateSigningKey, type RelayId, type SigningKey } from "@tabor/onion-core";
import { type Challenge, type JoinAnswer, joinTranscript, type Role } from "@tabor/signal-protocol";
import { io, type Socket } from "socket.io-client";
import { descriptorOf } from "../../apps/signal/src/testing/memory-peer.ts";

/** The brokers allow 100 connections of one address in 10 s, and loopback has many addresses. */
const PEERS_PER_ADDRESS = 50;
const AT_A_TIME = 50;

export class Crowd {
  readonly #sockets: Socket[] = [];
  readonly #waiting = new Map<RelayId, () => void>();
  readonly #agents = new Map<number, Agent>();
  /** Consensuses that the peers were sent, all together. */
  received = 0;

  /** @returns the milliseconds that it took all of them. */
  async join(urls: readonly string[], count: number): Promise<number> {
    const keys = await Promise.all(Array.from({ length: 100 }, async () => (await generateSigningKey()).key));
    const began = performance.now();
    let next = 0;
    const some = async (): Promise<void> => {
      for (let n = next++; n < count; n = next++) {
        await this.#peer(urls[n % urls.length] ?? "", keys[n % keys.length] ?? failed(), n);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, some));
    return performance.now() - began;
  }

  get connected(): number {
    return this.#sockets.filter(({ connected }) => connected).length;
  }

  /** A relay arrives. @returns milliseconds from its descriptor's leaving to the last peer that has a consensus with it. */
  async arrival(url: string): Promise<number> {
    const { key } = await generateSigningKey();
    const descriptor = await descriptorOf(key, Date.now());
    const relay = await this.#open(url, this.#sockets.length);
    await join(relay, key, "relay");
    let unaware = this.#sockets.length;
    const known = new Promise<void>((resolve) => {
      this.#waiting.set(key.id, () => {
        unaware--;
        if (unaware === 0) resolve();
      });
    });
    const began = performance.now();
    await relay.socket.emitWithAck("publish", descriptor);
    await known;
    const took = performance.now() - began;
    this.#waiting.delete(key.id);
    relay.socket.disconnect();
    return took;
  }

  close(): void {
    for (const socket of this.#sockets) socket.disconnect();
    for (const agent of this.#agents.values()) agent.destroy();
  }

  async #peer(url: string, key: SigningKey, n: number): Promise<void> {
    const connection = await this.#open(url, n);
    const { socket } = connection;
    this.#sockets.push(socket);
    const seen = new Set<RelayId>();
    socket.on("consensus", (bytes: Uint8Array) => {
      this.received++;
      for (const [id, tell] of this.#waiting) {
        if (seen.has(id) || !holds(bytes, id)) continue;
        seen.add(id);
        tell();
      }
    });
    await join(connection, key, "client");
  }

  async #open(url: string, n: number): Promise<Connection> {
    const block = Math.floor(n / PEERS_PER_ADDRESS);
    const localAddress = `127.1.${String(Math.floor(block / 250))}.${String(1 + (block % 250))}`;
    const agent = this.#agents.get(block) ?? new Agent({ localAddress });
    this.#agents.set(block, agent);
    // Node's client takes an HTTP agent, whatever its types say.
    const options = { transports: ["websocket"], reconnection: false, forceNew: true, autoConnect: false };
    const socket = io(url, { ...options, agent: agent as unknown as string });
    const challenge = await new Promise<Challenge>((resolve, reject) => {
      socket.once("challenge", resolve);
      socket.once("connect_error", reject);
      socket.connect();
    });
    return { socket, challenge };
  }
}

interface Connection {
  readonly socket: Socket;
  readonly challenge: Challenge;
}

async function join({ socket, challenge }: Connection, key: SigningKey, role: Role): Promise<void> {
  const nonce = crypto.getRandomValues(new Uint8Array(32));
  const fields = {
    ...{ directory: new Uint8Array(challenge.directory), directoryNonce: new Uint8Array(challenge.nonce) },
    ...{ expires: challenge.expires, admission: challenge.admission, role, key: key.publicKey },
    ...{ peerNonce: nonce, connectionId: socket.id ?? "" },
  };
  const signature = await key.sign(joinTranscript(fields));
  const request = { role, key: key.publicKey, nonce, signature };
  const answer = (await socket.emitWithAck("join", request)) as JoinAnswer;
  if (!answer.ok) throw new Error(`a peer could not join: ${answer.error}`);
}

function holds(consensus: Uint8Array, id: RelayId): boolean {
  return Buffer.from(consensus).includes(Buffer.from(id, "base64url"));
}

function failed(): never {
  throw new Error("there are no keys");
}
