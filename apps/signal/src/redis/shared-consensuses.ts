/** One consensus for all brokers: the leader makes it, and hands it on by Redis. */
import { type Log, Reader, toTaborError, Writer } from "@tabor/onion-core";
import type {
  ConsensusHost,
  ConsensusSource,
  MadeConsensus,
  StartConsensuses,
} from "../directory/consensus-source.ts";
import type { Brokers, Standing } from "./brokers.ts";
import type { RedisLink } from "./redis-link.ts";

/** As many as a directory keeps for differences. */
const MAX_KEPT = 8;
const LAST = String(MAX_KEPT - 1);

/** KEYS leader, newest. ARGV broker, document, channel, last to keep. Only who leads now publishes: of two, one. */
const PUBLISH_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('LPUSH', KEYS[2], ARGV[2])
redis.call('LTRIM', KEYS[2], 0, ARGV[4])
redis.call('PUBLISH', ARGV[3], ARGV[1])
return 1`;

export interface SharedConsensusesOptions {
  readonly link: RedisLink;
  readonly prefix: string;
  readonly brokers: Brokers;
  readonly log: Log;
}

/** @param make makes them, at the broker that leads, or at each while Redis is away. */
export function sharedConsensuses(
  make: StartConsensuses,
  options: SharedConsensusesOptions,
): StartConsensuses {
  return (host) => new SharedConsensuses(make, host, options);
}

class SharedConsensuses implements ConsensusSource {
  readonly #make: StartConsensuses;
  readonly #host: ConsensusHost;
  readonly #options: SharedConsensusesOptions;
  readonly #channel: string;
  readonly #stop: () => void;
  #maker: ConsensusSource | undefined;
  #standing: Standing = "following";
  /** What Redis has is fetched in turn. */
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(make: StartConsensuses, host: ConsensusHost, options: SharedConsensusesOptions) {
    this.#make = make;
    this.#host = host;
    this.#options = options;
    this.#channel = `${options.prefix}:consensuses`;
    this.#fetch(MAX_KEPT);
    options.link
      .subscribe(this.#channel, (publisher) => {
        if (publisher !== options.brokers.id) this.#fetch(1);
      })
      .catch(() => undefined);
    options.link.onResubscribed(() => {
      this.#resubscribed();
    });
    this.#stop = options.brokers.onBeat(({ standing }) => {
      this.#become(standing);
    });
  }

  changed(): void {
    this.#maker?.changed();
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
    this.#maker?.close();
  }

  /** Followers may have missed one, and Redis may have forgotten all. */
  #resubscribed(): void {
    if (this.#standing === "leading") this.#maker?.changed();
    else this.#fetch(1);
  }

  #become(standing: Standing): void {
    if (standing === this.#standing) return;
    const before = this.#standing;
    this.#standing = standing;
    if (standing === "following") {
      this.#maker?.close();
      this.#maker = undefined;
      this.#fetch(1);
      return;
    }
    // After what Redis has is here: the next one names it.
    this.#inTurn(() => {
      if (this.#standing !== standing || this.#isClosed) return;
      this.#maker ??= this.#start();
      // Those of the time alone were for our own peers.
      if (before === "alone") this.#maker.changed();
    });
  }

  #start(): ConsensusSource {
    return this.#make({
      ...hostOf(this.#host),
      publish: (made) => {
        void this.#publish(made);
      },
    });
  }

  async #publish(made: MadeConsensus): Promise<void> {
    const { link, prefix, brokers } = this.#options;
    if (this.#standing === "leading") {
      const args = [brokers.id, documentOf(made), this.#channel, LAST];
      const keys = [`${prefix}:leader`, `${prefix}:newest`];
      const isPublished = await link.script<number>(PUBLISH_SCRIPT, keys, args).catch(() => 1);
      // Another leads by now, or Redis has forgotten who does: if it is still this one, it tries again.
      if (isPublished === 0) {
        this.#maker?.changed();
        return;
      }
    }
    if (!this.#isClosed) this.#host.publish(made);
  }

  #fetch(count: number): void {
    this.#inTurn(async () => {
      const { link, prefix } = this.#options;
      const kept = await link.binary<readonly Buffer[]>("LRANGE", `${prefix}:newest`, "0", String(count - 1));
      for (const document of kept.toReversed()) this.#take(madeOf(document));
    });
  }

  /** Not one that is older than what our peers have. */
  #take(made: MadeConsensus): void {
    const known = this.#host.newest()?.content.validAfter ?? -1;
    if (!this.#isClosed && validAfterOf(made.bytes) > known) this.#host.publish(made);
  }

  #inTurn(step: () => Promise<void> | void): void {
    this.#turn = this.#turn.then(step).catch((error: unknown) => {
      const { code } = toTaborError(error, "here", "sharing consensuses");
      this.#options.log.debug("a consensus could not be shared", { code });
    });
  }
}

/** SPEC §8.2: what follows the version. */
function validAfterOf(consensus: Uint8Array): number {
  const reader = new Reader(consensus, "shared consensus");
  reader.u8();
  return reader.u64();
}

function hostOf(host: ConsensusHost): Omit<ConsensusHost, "publish"> {
  return { relays: () => host.relays(), settled: () => host.settled(), newest: () => host.newest() };
}

function documentOf({ bytes, votes }: MadeConsensus): Buffer {
  const writer = new Writer(bytes.length + 1024).u32(1 + votes.length);
  for (const part of [bytes, ...votes]) writer.u32(part.length).bytes(part);
  return Buffer.from(writer.finish());
}

/** @throws malformed. */
function madeOf(document: Uint8Array): MadeConsensus {
  const reader = new Reader(document, "shared consensus");
  const parts: Uint8Array[] = [];
  for (let n = reader.u32(); n > 0; n--) parts.push(reader.bytes(reader.u32()).slice());
  reader.finish();
  const [bytes, ...votes] = parts;
  if (bytes === undefined) throw reader.malformed("nothing");
  return { bytes, votes };
}
