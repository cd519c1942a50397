import { TaborError } from "../errors.ts";
import type { Link } from "../link/link.ts";
import type { RelayCircuit } from "../circuit/relay-circuit.ts";
import type { QueuedSince, QueueMemory } from "../memory/queue-memory.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

/** So often at most the log says that circuits were ended for want of memory, in milliseconds. */
const LOG_INTERVAL_MS = 60_000;

export interface MemoryKeeperInit {
  readonly memory: QueueMemory;
  /** Those that there are at the time. */
  readonly circuits: Iterable<RelayCircuit>;
  readonly links: Iterable<Link>;
  /** Gives back what nobody misses as long as all goes well. */
  readonly spare: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Ends those who hold the oldest data when all queues together hold too much (SPEC §11.1; Tor's rule, after Jansen et al., "The Sniper Attack",
 * NDSS 2014): who makes others queue and does not read, or stalls, has old data; circuits that flow have none. If it went by size
 * alone, an attacker with many circuits would have busy honest ones ended.
 */
export class MemoryKeeper {
  readonly #init: MemoryKeeperInit;
  #ended = 0;
  #unsaid = 0;
  #saidAt = -Infinity;

  constructor(init: MemoryKeeperInit) {
    this.#init = init;
    init.memory.onExceeded(() => {
      this.#recover();
    });
  }

  /** Circuits and links that were ended, since the start. */
  get ended(): number {
    return this.#ended;
  }

  #recover(): void {
    const { memory } = this.#init;
    const before = this.#ended;
    this.#init.spare();
    for (const { end } of this.#oldestFirst()) {
      if (!memory.isScarce) break;
      this.#ended += 1;
      end(new TaborError("resource-limit", "relay", "too much waits in this relay"));
    }
    if (this.#ended > before) this.#say(this.#ended - before);
  }

  #oldestFirst(): Offender[] {
    const offenders: Offender[] = [];
    for (const circuit of this.#init.circuits) {
      const { oldest } = circuit;
      if (oldest === Infinity) continue;
      offenders.push({
        oldest,
        end: (error) => {
          circuit.destroy(error);
        },
      });
    }
    for (const link of this.#init.links) {
      const { oldestOfEnded: oldest } = link;
      if (oldest === Infinity) continue;
      offenders.push({
        oldest,
        end: (error) => {
          link.close(error);
        },
      });
    }
    return offenders.sort((a, b) => a.oldest - b.oldest);
  }

  #say(ended: number): void {
    const { memory, clock, log } = this.#init;
    this.#unsaid += ended;
    const now = clock.monotonic();
    if (now - this.#saidAt < LOG_INTERVAL_MS) return;
    const mebibytes = Math.round(memory.bound / 2 ** 20);
    log.warn("queues held too much: those with the oldest data were ended", {
      ended: this.#unsaid,
      mebibytes,
    });
    this.#saidAt = now;
    this.#unsaid = 0;
  }
}

interface Offender {
  readonly oldest: QueuedSince;
  readonly end: (error: TaborError) => void;
}
