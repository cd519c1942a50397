import type { Random } from "@tabor/onion-core";

/** What one call of `getRandomValues` may fill at most (W3C WebCrypto §10.1.1). */
const POOL_LENGTH = 65_536;

/** The platform's generator, drawn in large pieces: relays need a few random bytes for every cell. */
export const systemRandom: Random = pooledRandom();

function pooledRandom(): Random {
  const pool = new Uint8Array(POOL_LENGTH);
  let used = POOL_LENGTH;
  const draw = (target: Uint8Array): void => {
    if (used + target.length > POOL_LENGTH) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    target.set(pool.subarray(used, used + target.length));
    // What was handed out may become a key: it must not stay here.
    pool.fill(0, used, used + target.length);
    used += target.length;
  };
  return {
    fill: (target) => {
      for (let offset = 0; offset < target.length; offset += POOL_LENGTH) {
        draw(target.subarray(offset, Math.min(offset + POOL_LENGTH, target.length)));
      }
      return target;
    },
  };
}
