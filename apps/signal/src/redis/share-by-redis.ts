import type { Clock, Log, Random, SigningKey } from "@tabor/onion-core";
import type { StartConsensuses } from "../directory/consensus-source.ts";
import { Brokers } from "./brokers.ts";
import { RedisLink } from "./redis-link.ts";
import { RedisRelays } from "./redis-relays.ts";
import { RedisRooms } from "./rooms.ts";
import { sharedConsensuses } from "./shared-consensuses.ts";

export interface SharingOptions {
  readonly url: string;
  /** Brokers of one authority belong together. */
  readonly authority: SigningKey;
  /** Milliseconds for which relays of a broker that is gone stay registered; `GRACE` unless a test says so. */
  readonly grace?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What the brokers of one authority have in common (docs/decisions/0025). */
export interface Sharing {
  readonly relays: RedisRelays;
  readonly rooms: RedisRooms;
  readonly link: RedisLink;
  readonly prefix: string;
  /** Has one broker make consensuses for all. */
  consensuses(make: StartConsensuses): StartConsensuses;
  /** A consensus's valid-after for a time: no two brokers have one in common, so that nobody sees two signatures for one. */
  readonly timeOf: (now: number) => number;
  /** Takes part: to be called once everything listens. */
  start(): void;
  close(): Promise<void>;
}

/** Brokers whose consensuses cannot have the same time. */
const SLOTS = 1000;

/** @throws unreachable if Redis does not answer. */
export async function shareByRedis({ url, authority, ...rest }: SharingOptions): Promise<Sharing> {
  const log = rest.log.scoped("redis");
  const link = await RedisLink.connect({ url, clock: rest.clock, log });
  try {
    const prefix = `tabor:${authority.id}`;
    const slot = (await link.command<number>("INCR", `${prefix}:started`)) % SLOTS;
    const shared = { ...rest, log, link, prefix };
    const brokers = new Brokers(shared);
    return {
      ...{ link, prefix },
      relays: await RedisRelays.open({ ...shared, brokers }),
      rooms: new RedisRooms(link, prefix),
      consensuses: (make) => sharedConsensuses(make, { ...shared, brokers }),
      timeOf: (now) => now - (now % SLOTS) + slot,
      start: () => {
        brokers.start();
      },
      close: async () => {
        await brokers.close();
        link.close();
      },
    };
  } catch (error) {
    link.close();
    throw error;
  }
}
