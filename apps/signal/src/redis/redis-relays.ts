/**
 * Registrations that brokers share: a copy in each, and one in Redis by which they tell each other. Each change has a version, so that a
 * broker knows when it missed some; it then compares all. Who is registered here is told to a Redis that has forgotten it.
 */
import { type Cancel, type Clock, type Log, type RelayId, toTaborError } from "@tabor/onion-core";
import { MemoryRelays } from "../relays/memory-relays.ts";
import { parseRecord, recordOf, relayOf } from "../relays/relay-record.ts";
import type { RegisteredRelay, RelayChange, RelayStore } from "../relays/relay-store.ts";
import type { Beat, Brokers } from "./brokers.ts";
import type { RedisLink } from "./redis-link.ts";

/** Milliseconds after which all is compared even if nothing seems to be missed. */
const COMPARE = 60_000;

/**
 * KEYS relays, version. ARGV relay, record, channel, broker, "newer" to keep a record of a later join.
 */
const PUT_SCRIPT = `
local known = redis.call('HGET', KEYS[1], ARGV[1])
if ARGV[5] == 'newer' and known and cjson.decode(known).joinedAt > cjson.decode(ARGV[2]).joinedAt then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
local version = redis.call('INCR', KEYS[2])
redis.call('PUBLISH', ARGV[3], version .. '\\n' .. ARGV[4] .. '\\n' .. ARGV[1] .. '\\n' .. ARGV[2])
return 1`;

/** KEYS relays, version. ARGV relay, connection, channel, broker. */
const REMOVE_SCRIPT = `
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known or cjson.decode(known).connection ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
local version = redis.call('INCR', KEYS[2])
redis.call('PUBLISH', ARGV[3], version .. '\\n' .. ARGV[4] .. '\\n' .. ARGV[1] .. '\\n')
return 1`;

export interface RedisRelaysOptions {
  readonly link: RedisLink;
  readonly prefix: string;
  readonly brokers: Brokers;
  readonly clock: Clock;
  readonly log: Log;
}

export class RedisRelays implements RelayStore {
  readonly #options: RedisRelaysOptions;
  readonly #copy = new MemoryRelays();
  readonly #keys: readonly [string, string];
  readonly #channel: string;
  /** By the last message that was heard; undefined: all has to be compared. */
  #version: string | undefined;
  #isBehind = false;
  #comparedAt = Number.NEGATIVE_INFINITY;
  /** What Redis said is taken in turn. */
  #turn: Promise<void> = Promise.resolve();
  #writes: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(options: RedisRelaysOptions) {
    const { prefix, brokers } = options;
    this.#options = options;
    this.#keys = [`${prefix}:relays`, `${prefix}:version`];
    this.#channel = `${prefix}:changes`;
    brokers.onBeat((beat) => {
      this.#beat(beat);
    });
    // A Redis that has forgotten all may come to the same version again.
    options.link.onResubscribed(() => {
      this.#version = undefined;
    });
  }

  /** With all that are registered. @throws what Redis fails with. */
  static async open(options: RedisRelaysOptions): Promise<RedisRelays> {
    const relays = new RedisRelays(options);
    await options.link.subscribe(relays.#channel, (message) => {
      relays.#inTurn(() => relays.#heard(message));
    });
    await relays.#compare();
    return relays;
  }

  all(): readonly RegisteredRelay[] {
    return this.#copy.all();
  }

  get(id: RelayId): RegisteredRelay | undefined {
    return this.#copy.get(id);
  }

  put(relay: RegisteredRelay): void {
    if (this.#isClosed) return;
    this.#copy.put({ ...relay, connection: this.#named(relay.connection) });
    this.#write(relay.descriptor.identity);
  }

  remove(id: RelayId, connection: string): void {
    if (!this.#isClosed) this.#end(id, this.#named(connection));
  }

  onChange(listener: (change: RelayChange) => void): Cancel {
    const own = `${this.#options.brokers.id}:`;
    return this.#copy.onChange(({ relay, replaced }) => {
      listener({ relay, replaced: replaced?.startsWith(own) ? replaced.slice(own.length) : replaced });
    });
  }

  async settled(): Promise<void> {
    await this.#writes;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.settled();
  }

  /** Connections of other brokers may have the same name. */
  #named(connection: string): string {
    return `${this.#options.brokers.id}:${connection}`;
  }

  #isOwn(connection: string): boolean {
    return connection.startsWith(`${this.#options.brokers.id}:`);
  }

  #write(id: RelayId, unlessOlder = false): void {
    const relay = this.#copy.get(id);
    if (relay === undefined) return;
    const { link, brokers } = this.#options;
    const args = [id, JSON.stringify(recordOf(relay)), this.#channel, brokers.id];
    this.#note(link.script(PUT_SCRIPT, this.#keys, [...args, unlessOlder ? "newer" : "any"]));
  }

  #end(id: RelayId, connection: string): void {
    this.#copy.remove(id, connection);
    const { link, brokers } = this.#options;
    this.#note(link.script(REMOVE_SCRIPT, this.#keys, [id, connection, this.#channel, brokers.id]));
  }

  /** What Redis did not take, it is told when all is compared. */
  #note(write: Promise<unknown>): void {
    const done = write.catch(() => {
      this.#version = undefined;
    });
    this.#writes = Promise.all([this.#writes, done]);
  }

  #beat({ version, present }: Beat): void {
    if (version === undefined || this.#isClosed) {
      this.#version = undefined;
      return;
    }
    // The message may be under way: behind is who still is at the next beat.
    const isBehind = this.#version !== version;
    const isDue = this.#options.clock.monotonic() - this.#comparedAt >= COMPARE;
    if (isDue || this.#version === undefined || (isBehind && this.#isBehind)) {
      this.#inTurn(() => this.#compare());
    }
    this.#isBehind = isBehind;
    if (present !== undefined) this.#endOrphans(present);
  }

  /** Relays of a broker that is gone, and that have not come back elsewhere. */
  #endOrphans(present: ReadonlySet<string>): void {
    for (const { descriptor, connection } of this.#copy.all()) {
      const [broker = ""] = connection.split(":", 1);
      if (!present.has(broker)) this.#end(descriptor.identity, connection);
    }
  }

  #inTurn(take: () => Promise<void>): void {
    this.#turn = this.#turn.then(take).catch((error: unknown) => {
      this.#version = undefined;
      const { code } = toTaborError(error, "here", "sharing relays");
      this.#options.log.debug("registrations could not be shared", { code });
    });
  }

  async #heard(message: string): Promise<void> {
    const [version = "", broker = "", id = "", text = ""] = message.split("\n");
    const step = Number(version) - Number(this.#version ?? NaN);
    // All was compared since.
    if (step <= 0) return;
    // More than one: some were missed, and all is compared soon.
    if (step === 1) this.#version = version;
    // Its own it has done before it told of them, and perhaps others since.
    if (broker !== this.#options.brokers.id && !this.#isClosed) await this.#take(id as RelayId, text);
  }

  /** What Redis has now of a relay: its record, or "" for none. */
  async #take(id: RelayId, text: string): Promise<void> {
    const known = this.#copy.get(id);
    if (text === "") {
      // Others took us for gone.
      if (known && this.#isOwn(known.connection)) this.#write(id);
      else if (known) this.#copy.remove(id, known.connection);
      return;
    }
    const record = parseRecord(text);
    if (known?.connection === record.connection && text === JSON.stringify(recordOf(known))) return;
    if (this.#isOwn(record.connection)) {
      // Somebody told Redis again of a connection that has ended here.
      if (known?.connection !== record.connection) this.#end(id, record.connection);
      return;
    }
    const relay = await relayOf(record, this.#options.clock.now());
    if (relay.descriptor.identity === id) this.#copy.put(relay);
  }

  async #compare(): Promise<void> {
    const { link, clock } = this.#options;
    const [relaysKey, versionKey] = this.#keys;
    const version = (await link.command<string | null>("GET", versionKey)) ?? "0";
    const flat = await link.command<readonly string[] | Readonly<Record<string, string>>>(
      "HGETALL",
      relaysKey,
    );
    const stored = new Map(Array.isArray(flat) ? pairs(flat as readonly string[]) : Object.entries(flat));
    for (const [id, text] of stored) await this.#merge(id as RelayId, text);
    for (const { descriptor } of this.#copy.all()) {
      if (!stored.has(descriptor.identity)) this.#write(descriptor.identity, true);
    }
    this.#version = version;
    this.#comparedAt = clock.monotonic();
  }

  /** One record that is damaged, or whose descriptor is too old, harms no other. */
  async #merge(id: RelayId, text: string): Promise<void> {
    const known = this.#copy.get(id);
    try {
      const isOursNewer =
        known && this.#isOwn(known.connection) && known.joinedAt >= parseRecord(text).joinedAt;
      if (!isOursNewer) await this.#take(id, text);
      else if (text !== JSON.stringify(recordOf(known))) this.#write(id, true);
    } catch (error) {
      const { code } = toTaborError(error, "here", "reading a registration");
      this.#options.log.warn("a registration in Redis cannot be used", { code });
      this.#note(this.#options.link.command("HDEL", this.#keys[0], id));
    }
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] ?? "", flat[2 * i + 1] ?? ""]);
}
