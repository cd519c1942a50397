import {
  CONNECTIONS_PER_WINDOW,
  EVENTS_PER_WINDOW,
  FAILED_JOINS_PER_WINDOW,
  FAILED_JOINS_WINDOW,
  MAX_OFFENCES,
  type SignalErrorCode,
  WINDOW,
} from "@tabor/signal-protocol";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { Sharing } from "../redis/share-by-redis.ts";
import { sharedLimiter } from "../redis/shared-limiter.ts";
import { addressBlock } from "./address-block.ts";

/** The most frames that an honest peer sends with its events: each comes with up to three byte strings of its own. */
const FRAMES_PER_EVENT = 4;
/** Socket.IO's own frames: the connection's opening, answers to pings. */
const FRAMES_BESIDES = 20;

type Limiter = Pick<RateLimiterMemory, "consume" | "get">;

const seconds = WINDOW / 1000;

/** Counts what peers send (SPEC §11): per address for new connections and failed joins, per connection for everything else. */
export class EventLimits {
  readonly #connections: Limiter;
  readonly #failures: Limiter;
  readonly #events = new RateLimiterMemory({ points: EVENTS_PER_WINDOW, duration: seconds });
  readonly #frames = new RateLimiterMemory({
    points: EVENTS_PER_WINDOW * FRAMES_PER_EVENT + FRAMES_BESIDES,
    duration: seconds,
  });

  /** @param sharing with whom addresses are counted together, if not alone. */
  constructor(sharing?: Pick<Sharing, "link" | "prefix">) {
    const limiter = (name: string, points: number, duration: number): Limiter =>
      sharing === undefined
        ? new RateLimiterMemory({ points, duration })
        : sharedLimiter({ link: sharing.link, keyPrefix: `${sharing.prefix}:${name}`, points, duration });
    this.#connections = limiter("connections", CONNECTIONS_PER_WINDOW, seconds);
    this.#failures = limiter("failures", FAILED_JOINS_PER_WINDOW, FAILED_JOINS_WINDOW / 1000);
  }

  /** @param address the peer's IP address. */
  async allowConnection(address: string): Promise<boolean> {
    const block = addressBlock(address);
    const failures = await this.#failures.get(block);
    return (failures?.remainingPoints ?? 1) > 0 && (await isAllowed(this.#connections, block));
  }

  /** A peer has not proved what it claims: whoever tries keys and codes has few attempts. @param address the peer's IP address. */
  async joinFailed(address: string): Promise<void> {
    await isAllowed(this.#failures, addressBlock(address));
  }

  /** @param connection Socket.IO's id. */
  allowEvent(connection: string): Promise<boolean> {
    return isAllowed(this.#events, connection);
  }

  /** Against those who flood below the level of events. @param connection Engine.IO's id. */
  allowFrame(connection: string): Promise<boolean> {
    return isAllowed(this.#frames, connection);
  }
}

async function isAllowed(limiter: Limiter, key: string): Promise<boolean> {
  try {
    await limiter.consume(key);
    return true;
  } catch {
    return false;
  }
}

/** Whether an error says that the peer misbehaves: that the other side has just left is nobody's fault. */
export function isOffence(error: SignalErrorCode): boolean {
  return error !== "unknown-peer";
}

/** Closes a connection after ten offences. */
export class Offences {
  readonly #close: () => void;
  #count = 0;

  constructor(close: () => void) {
    this.#close = close;
  }

  add(): void {
    this.#count++;
    if (this.#count >= MAX_OFFENCES) this.#close();
  }
}
