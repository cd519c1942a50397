/** This broker's connections to Redis: every wait has an end, and nothing that Redis does ends the process. */
import { createClient } from "@redis/client";
import { type Cancel, type Clock, type Log, TaborError } from "@tabor/onion-core";

type Client = ReturnType<typeof createClient>;

export interface RedisLinkOptions {
  /** "redis://host:port" or "rediss:", perhaps with a user and a password; never logged. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds for an answer, and for connecting. */
const DEADLINE = 3000;
/** Milliseconds of silence after which a connection counts as dead. On both something is sent more often. */
const SILENCE = 15_000;
const PING_INTERVAL = 5000;
const LONGEST_RETRY = 1000;
/** Commands that wait: more is asked of Redis than it does. */
const MAX_WAITING = 10_000;

export class RedisLink {
  readonly #clock: Clock;
  readonly #commands: Client;
  readonly #subscriber: Client;

  private constructor({ url, clock, log }: RedisLinkOptions) {
    this.#clock = clock;
    const socket = {
      connectTimeout: DEADLINE,
      socketTimeout: SILENCE,
      reconnectStrategy: (retries: number) => Math.min(50 * 2 ** Math.min(retries, 10), LONGEST_RETRY),
    };
    const shared = { url, socket, pingInterval: PING_INTERVAL };
    this.#commands = createClient({
      ...shared,
      disableOfflineQueue: true,
      commandsQueueMaxLength: MAX_WAITING,
    });
    // What it subscribes to while Redis is away, it has when Redis is back.
    this.#subscriber = createClient(shared);
    for (const client of [this.#commands, this.#subscriber]) {
      client.on("error", (error: unknown) => {
        log.debug("a connection to Redis failed", { reason: String(error) });
      });
    }
  }

  /** @throws unreachable if it does not answer now; later it may be away. */
  static async connect(options: RedisLinkOptions): Promise<RedisLink> {
    const link = new RedisLink(options);
    try {
      await link.#within(Promise.all([link.#commands.connect(), link.#subscriber.connect()]));
      return link;
    } catch (cause) {
      link.close();
      throw new TaborError("unreachable", "here", `Redis does not answer at ${placeOf(options.url)}.`, {
        cause,
      });
    }
  }

  /** @param args as Redis takes them. @throws timeout, or unreachable for whatever else keeps it from doing so. */
  command<T>(...args: readonly (string | Buffer)[]): Promise<T> {
    return this.#within(this.#commands.sendCommand<T>([...args]));
  }

  /** The same with byte strings in the answer. */
  binary<T>(...args: readonly (string | Buffer)[]): Promise<T> {
    return this.#within(this.#commands.withTypeMapping({ [BLOB_STRING]: Buffer }).sendCommand<T>([...args]));
  }

  /** Runs a script as one step. */
  script<T>(script: string, keys: readonly string[], args: readonly (string | Buffer)[]): Promise<T> {
    return this.command<T>("EVAL", script, String(keys.length), ...keys, ...args);
  }

  /** Also after Redis was away, without what was said meanwhile. @throws timeout. */
  subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    return this.#within(this.#subscriber.subscribe(channel, listener));
  }

  /** Whenever it is subscribed again after it was not: what was said meanwhile is lost. */
  onResubscribed(listener: () => void): void {
    this.#subscriber.on("ready", listener);
  }

  /** For a room of sockets: sharded, and bytes. Never rejects. */
  listen(channel: string, listener: (message: Buffer, channel: Buffer) => void): Promise<void> {
    return settle(this.#subscriber.sSubscribe(channel, listener, true));
  }

  unlisten(channel: string): Promise<void> {
    return settle(this.#subscriber.sUnsubscribe(channel));
  }

  close(): void {
    this.#commands.destroy();
    this.#subscriber.destroy();
  }

  #within<T>(answer: Promise<T>): Promise<T> {
    let cancel: Cancel = () => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.#clock.after(DEADLINE, () => {
        reject(new TaborError("timeout", "here", "Redis did not answer in time"));
      });
    });
    return Promise.race([answer.catch(failed), late]).finally(() => {
      cancel();
    });
  }
}

/** `RESP_TYPES.BLOB_STRING`: "$" in Redis's protocol. */
const BLOB_STRING = 36;

function failed(cause: unknown): never {
  throw new TaborError("unreachable", "here", "Redis did not do what it was asked", { cause });
}

async function settle(done: Promise<unknown>): Promise<void> {
  await done.catch(() => undefined);
}

/** Without user and password. */
function placeOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
