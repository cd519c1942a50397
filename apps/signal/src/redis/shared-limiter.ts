import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import type { RedisLink } from "./redis-link.ts";

const READ_SCRIPT = "return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}";

export interface SharedLimit {
  readonly link: RedisLink;
  readonly keyPrefix: string;
  readonly points: number;
  /** Seconds. */
  readonly duration: number;
}

/** A limit that an authority's brokers count together; each by itself while Redis is away. */
export function sharedLimiter({ link, keyPrefix, points, duration }: SharedLimit): RateLimiterRedis {
  return new RateLimiterRedis({
    ...{ keyPrefix, points, duration },
    storeClient: storeOf(link),
    useRedisPackage: true,
    // Who is over the limit costs Redis nothing more.
    inMemoryBlockOnConsumed: points + 1,
    insuranceLimiter: new RateLimiterMemory({ points, duration }),
  });
}

/** What the library uses of a client, with our deadlines. */
function storeOf(link: RedisLink) {
  return {
    eval: (script: string, { keys, arguments: args }: { keys: string[]; arguments: string[] }) =>
      link.script(script, keys, args),
    multi: () => ({
      get: (key: string) => ({ pTTL: () => ({ exec: () => link.script(READ_SCRIPT, [key], []) }) }),
    }),
  };
}
