/** The brokers of one authority that share a Redis: who is there, and which of them makes the consensuses. */
import {
  type Cancel,
  type Clock,
  type Log,
  type Random,
  randomBytes,
  bytesToBase64Url,
} from "@tabor/onion-core";
import * as v from "valibot";
import { GRACE } from "../relays/relay-store.ts";
import type { RedisLink } from "./redis-link.ts";

/** Milliseconds between two beats, and for which the leader leads after its last; so long a newcomer takes no lead. */
const BEAT = 2000;
const LEASE = 6000;

/**
 * Says that a broker is here, and keeps the lead, or takes it if nobody has it and it may. By Redis's own clock alone.
 * KEYS brokers, leader, version. ARGV broker, grace, lease, whether it may. Returns whether it leads, the version, and all brokers.
 */
const BEAT_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
local leader = redis.call('GET', KEYS[2]) or (ARGV[4] == '1' and ARGV[1])
if leader == ARGV[1] then redis.call('SET', KEYS[2], leader, 'PX', ARGV[3]) end
return {leader == ARGV[1] and 1 or 0, redis.call('GET', KEYS[3]) or '0', redis.call('ZRANGE', KEYS[1], 0, -1)}`;

/** KEYS leader, brokers. ARGV broker. */
const LEAVE_SCRIPT = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;

const beatSchema = v.tuple([v.picklist([0, 1]), v.string(), v.array(v.string())]);

/** `alone`: Redis is away, and each goes on by itself. */
export type Standing = "leading" | "following" | "alone";

export interface Beat {
  readonly standing: Standing;
  /** How often registrations have changed; undefined while alone. */
  readonly version: string | undefined;
  /** Brokers that were there within `GRACE`; undefined until that can be told after Redis was away. */
  readonly present: ReadonlySet<string> | undefined;
}

export interface BrokersOptions {
  readonly link: RedisLink;
  /** Of all keys and channels: brokers with the same one belong together. */
  readonly prefix: string;
  /** Milliseconds; `GRACE` unless a test says so. */
  readonly grace?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export class Brokers {
  /** Names this process, from its start to its end. */
  readonly id: string;
  readonly #options: BrokersOptions;
  readonly #listeners = new Set<(beat: Beat) => void>();
  #standing: Standing = "following";
  readonly #startedAt: number;
  #connectedAt: number;
  #heardAt: number;
  #cancel: Cancel = () => undefined;
  #isClosed = false;

  /** Starts with its first beat, at once. */
  constructor(options: BrokersOptions) {
    this.#options = options;
    this.id = bytesToBase64Url(randomBytes(options.random, 12));
    this.#startedAt = options.clock.monotonic();
    this.#connectedAt = this.#startedAt;
    this.#heardAt = this.#startedAt;
  }

  get standing(): Standing {
    return this.#standing;
  }

  onBeat(listener: (beat: Beat) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    void this.#beat();
  }

  /** The next leader need not wait for the lease; who is registered here has its grace. */
  async close(): Promise<void> {
    const { link, prefix } = this.#options;
    this.#isClosed = true;
    this.#cancel();
    await link.script(LEAVE_SCRIPT, [`${prefix}:leader`], [this.id]).catch(() => undefined);
  }

  async #beat(): Promise<void> {
    const { clock } = this.#options;
    const beat = await this.#ask().catch(() => this.#missed());
    if (this.#isClosed) return;
    if (beat !== undefined) for (const listener of [...this.#listeners]) listener(beat);
    this.#cancel = clock.after(BEAT, () => void this.#beat());
  }

  async #ask(): Promise<Beat> {
    const { link, prefix, grace = GRACE, clock, log } = this.#options;
    const keys = [`${prefix}:brokers`, `${prefix}:leader`, `${prefix}:version`];
    // Redis may have forgotten all, and then a newcomer knows of no relay: those who do come back to it first.
    const mayLead = clock.monotonic() - this.#startedAt >= LEASE ? "1" : "0";
    const answer = await link.script(BEAT_SCRIPT, keys, [this.id, String(grace), String(LEASE), mayLead]);
    const [isLeading, version, brokers] = v.parse(beatSchema, answer);
    const now = clock.monotonic();
    if (this.#standing === "alone") {
      this.#connectedAt = now;
      log.warn("Redis is back");
    }
    this.#heardAt = now;
    this.#become(isLeading ? "leading" : "following");
    // After Redis was away, the others need the time to be back, too.
    const present = now - this.#connectedAt >= grace ? new Set(brokers) : undefined;
    return { standing: this.#standing, version, present };
  }

  /** One that is late is none: the lead is lost when its lease is, and not before. */
  #missed(): Beat | undefined {
    const { clock, log } = this.#options;
    if (clock.monotonic() - this.#heardAt < LEASE) return undefined;
    if (this.#standing !== "alone") log.warn("Redis is away: this broker goes on alone, with what it knows");
    this.#become("alone");
    return { standing: "alone", version: undefined, present: undefined };
  }

  #become(standing: Standing): void {
    if (standing === this.#standing) return;
    this.#standing = standing;
    this.#options.log.info("this broker's part", { standing });
  }
}
