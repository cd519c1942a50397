import type { Random } from "@tabor/onion-core";

/** What one call of `getRandomValues` may fill at most (W3C WebCrypto §10.1.1). */
const POOL_LENGTH = 65_536;
/** Up to so many bytes, a view to copy by would cost more than the copy. */
const FEW = 64;

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
    moveOut(pool, used, target);
    used += target.length;
  };
  return {
    fill: (target) => {
      if (target.length <= POOL_LENGTH) draw(target);
      else
        for (let offset = 0; offset < target.length; offset += POOL_LENGTH)
          draw(target.subarray(offset, Math.min(offset + POOL_LENGTH, target.length)));
      return target;
    },
  };
}

/** What was handed out may become a key: it must not stay here. */
function moveOut(pool: Uint8Array, from: number, target: Uint8Array): void {
  if (target.length > FEW) {
    target.set(pool.subarray(from, from + target.length));
    pool.fill(0, from, from + target.length);
    return;
  }
  for (let i = 0; i < target.length; i++) {
    target[i] = pool[from + i] ?? 0;
    pool[from + i] = 0;
  }
}
