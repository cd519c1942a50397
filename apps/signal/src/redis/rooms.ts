/** Peers of other brokers, by Socket.IO's Redis adapter: each peer is in a room with the name of its address. */
import type { IncomingSignal, PeerAddress } from "@tabor/signal-protocol";
import { createShardedAdapter } from "@socket.io/redis-adapter";
import type { ServerOptions } from "socket.io";
import type { RedisLink } from "./redis-link.ts";

/** The part of a Socket.IO server that is used. */
export interface RoomServer {
  to(room: PeerAddress): { emit(event: "signal", signal: IncomingSignal): unknown };
}

export class RedisRooms {
  readonly adapter: ServerOptions["adapter"];
  readonly #link: RedisLink;
  readonly #prefix: string;
  #server: RoomServer | undefined;

  constructor(link: RedisLink, prefix: string) {
    this.#link = link;
    this.#prefix = prefix;
    // "dynamic": a channel for each room, so that only the broker where the peer is reads what is for it.
    const options = { channelPrefix: prefix, subscriptionMode: "dynamic" } as const;
    this.adapter = createShardedAdapter(publisherOf(link), subscriberOf(link), options);
  }

  attach(server: RoomServer): void {
    this.#server = server;
  }

  /** @returns whether a broker has the peer, and was told. False also if Redis is away. */
  async signal(to: PeerAddress, signal: IncomingSignal): Promise<boolean> {
    const isThere = await this.#hasRoom(to).catch(() => false);
    if (isThere) this.#server?.to(to).emit("signal", signal);
    return isThere;
  }

  /** A broker listens on a room's channel as long as one of its peers is in the room. */
  async #hasRoom(room: PeerAddress): Promise<boolean> {
    const channel = `${this.#prefix}#/#${room}#`;
    const [, listeners] = await this.#link.command<readonly unknown[]>("PUBSUB", "SHARDNUMSUB", channel);
    return Number(listeners) > 0;
  }
}

/** What the adapter uses of a client, with our deadlines: it leaves rejections of what it does not wait for to the process. */
function publisherOf(link: RedisLink) {
  return {
    sSubscribe: () => undefined,
    sPublish: (channel: string, message: string | Buffer) => link.command("SPUBLISH", channel, message),
    sendCommand: (args: readonly string[]) => link.command(...args),
  };
}

function subscriberOf(link: RedisLink) {
  return {
    sSubscribe: (channel: string, listener: (message: Buffer, from: Buffer) => void) =>
      link.listen(channel, listener),
    sUnsubscribe: (channel: string) => link.unlisten(channel),
  };
}
