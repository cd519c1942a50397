import { TaborError, toTaborError, type Cancel, type Clock } from "@tabor/onion-core";
import type { OnWait } from "../api.ts";
import type { ConnectOptions, Endpoint, SiteConnection } from "./site-connection.ts";

export interface PoolInit {
  readonly connect: (endpoint: Endpoint, options: ConnectOptions) => Promise<SiteConnection>;
  readonly clock: Clock;
  readonly limits?: Partial<PoolLimits>;
}

export interface PoolLimits {
  /** As many as browsers open to one host. */
  readonly perHost: number;
  /** To a host that many requests wait for: an answer takes its round trip through the circuit on each connection. */
  readonly perCrowdedHost: number;
  readonly total: number;
  /** Requests that wait for a connection: a page of a million pictures must not fill our memory. */
  readonly waiting: number;
  readonly idleMs: number;
}

const LIMITS: PoolLimits = { perHost: 6, perCrowdedHost: 12, total: 64, waiting: 2000, idleMs: 60_000 };
/** Requests that wait for each connection of a host before it gets more than others. */
const CROWD = 3;

export interface Wish {
  /** Lower first. */
  readonly priority: number;
  /** Only one that has carried nothing yet. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: OnWait;
}

/** A connection lent to one request; it returns by itself when the answer has been read, or closes. */
export interface Lease {
  readonly connection: SiteConnection;
  /** It has carried an exchange before. */
  readonly reused: boolean;
  /** How long it may lie idle afterwards, at most; what the site says (RFC 2068 §19.7.1.1, Keep-Alive). */
  keepFor(ms: number): void;
}

interface Entry {
  readonly key: string;
  readonly endpoint: Endpoint;
  state: "connecting" | "idle" | "busy";
  connection: SiteConnection | undefined;
  /** Ends the attempt to connect. */
  readonly connecting: AbortController;
  /** Who has it now. */
  user: Wish | undefined;
  uses: number;
  idleMs: number;
  stopIdling: Cancel;
}

interface Waiter {
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly wish: Wish;
  readonly resolve: (lease: Lease) => void;
  readonly reject: (error: TaborError) => void;
}

/**
 * The connections of one identity. A request takes an idle connection or waits for one; whichever becomes free first, an
 * old one or one that is being opened for it, serves whoever is most urgent then. Among equals comes first who has the
 * fewest connections already, so that no site starves another.
 */
export class ConnectionPool {
  readonly #init: PoolInit;
  readonly #limits: PoolLimits;
  /** Oldest use first. */
  readonly #entries = new Set<Entry>();
  /** In the order in which they came. */
  readonly #waiters = new Set<Waiter>();
  #closed = false;
  #serving = false;

  constructor(init: PoolInit) {
    this.#init = init;
    this.#limits = { ...LIMITS, ...init.limits };
  }

  /** @throws TaborError of connecting; aborted; resource-limit when too many wait. */
  take(endpoint: Endpoint, wish: Wish): Promise<Lease> {
    return new Promise((resolve, reject) => {
      if (this.#closed || wish.signal.aborted) throw withdrawn();
      if (this.#waiters.size >= this.#limits.waiting) {
        throw new TaborError("resource-limit", "here", "too many requests wait for a connection");
      }
      const abort = (): void => {
        if (this.#waiters.delete(waiter)) reject(withdrawn());
      };
      const settled = (): void => {
        wish.signal.removeEventListener("abort", abort);
      };
      const waiter: Waiter = {
        key: keyOf(endpoint),
        endpoint,
        wish,
        resolve: (lease) => {
          settled();
          resolve(lease);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      wish.signal.addEventListener("abort", abort, { once: true });
      this.#waiters.add(waiter);
      this.#serveSoon();
    });
  }

  /** Opens connections for `count` requests that will come soon, as far as there are none; half of all stay for others. */
  connectAhead(endpoint: Endpoint, count: number): void {
    const wanted = Math.min(count, this.#limits.perHost) - this.#to(keyOf(endpoint)).length;
    const room = this.#closed ? 0 : this.#limits.total / 2 - this.#entries.size;
    for (let opened = 0; opened < Math.min(wanted, room); opened++) this.#connect(endpoint);
  }

  /** Ends idle connections of `isolation`; those that are busy end with their answer's use. */
  drop(isolation: string): void {
    for (const entry of [...this.#entries]) {
      if (entry.endpoint.isolation === isolation && entry.state === "idle") entry.connection?.http.close();
    }
  }

  /** Ends everything. */
  close(): void {
    const error = withdrawn();
    this.#closed = true;
    for (const waiter of [...this.#waiters]) {
      this.#waiters.delete(waiter);
      waiter.reject(error);
    }
    for (const entry of [...this.#entries]) {
      entry.connecting.abort(error);
      entry.connection?.http.close(error);
    }
  }

  /** How many connections there are, those being opened included. */
  get size(): number {
    return this.#entries.size;
  }

  /** Once for all that happens together: serving itself closes and opens connections. */
  #serveSoon(): void {
    if (this.#serving) return;
    this.#serving = true;
    void Promise.resolve().then(() => {
      this.#serving = false;
      this.#serve();
    });
  }

  #serve(): void {
    const opening = countsOf([...this.#entries].filter(({ state }) => state === "connecting"));
    const waiting = countsOf(this.#waiters);
    for (const waiter of this.#byUrgency()) {
      const idle = this.#idleFor(waiter);
      if (idle !== undefined) {
        this.#lend(idle, waiter);
        continue;
      }
      const coming = opening.get(waiter.key) ?? 0;
      if (coming > 0) opening.set(waiter.key, coming - 1);
      else if (this.#makeRoom(waiter.key, waiting.get(waiter.key) ?? 0)) this.#connect(waiter.endpoint);
    }
  }

  #byUrgency(): Waiter[] {
    const used = new Map<string, number>();
    for (const { endpoint, state } of this.#entries) {
      if (state !== "idle") used.set(endpoint.isolation, (used.get(endpoint.isolation) ?? 0) + 1);
    }
    const load = ({ endpoint }: Waiter): number => used.get(endpoint.isolation) ?? 0;
    return [...this.#waiters].sort((a, b) => a.wish.priority - b.wish.priority || load(a) - load(b));
  }

  /** The one used last is the likeliest to be alive. */
  #idleFor({ key, wish }: Waiter): Entry | undefined {
    return [...this.#entries].findLast(
      (entry) => entry.key === key && entry.state === "idle" && !(wish.fresh && entry.uses > 0),
    );
  }

  /** Whether one more connection may be opened; closes an idle one for it if need be. */
  #makeRoom(key: string, waiting: number): boolean {
    const { perHost, perCrowdedHost } = this.#limits;
    const toHost = this.#to(key);
    const most = waiting > CROWD * toHost.length ? perCrowdedHost : perHost;
    if (toHost.length >= most && !closeOneIdle(toHost)) return false;
    return this.#entries.size < this.#limits.total || closeOneIdle(this.#entries);
  }

  #to(key: string): Entry[] {
    return [...this.#entries].filter((entry) => entry.key === key);
  }

  #lend(entry: Entry, waiter: Waiter): void {
    const { connection } = entry;
    if (connection === undefined) return;
    this.#waiters.delete(waiter);
    // Moves it to the end: the oldest use comes first.
    this.#entries.delete(entry);
    this.#entries.add(entry);
    entry.stopIdling();
    entry.state = "busy";
    entry.user = waiter.wish;
    entry.uses += 1;
    waiter.resolve({
      connection,
      reused: entry.uses > 1,
      keepFor: (ms) => {
        entry.idleMs = Math.min(ms, this.#limits.idleMs);
      },
    });
  }

  #connect(endpoint: Endpoint): void {
    const entry: Entry = {
      key: keyOf(endpoint),
      endpoint,
      state: "connecting",
      connection: undefined,
      connecting: new AbortController(),
      user: undefined,
      uses: 0,
      idleMs: this.#limits.idleMs,
      stopIdling: () => undefined,
    };
    this.#entries.add(entry);
    this.#open(entry).catch((thrown: unknown) => {
      this.#failed(entry, toTaborError(thrown, "site", "connecting"));
    });
  }

  async #open(entry: Entry): Promise<void> {
    const connection = await this.#init.connect(entry.endpoint, {
      signal: entry.connecting.signal,
      onProgress: (sentence, circuit) => {
        // A stream for plain http opens when it is used, the others before.
        entry.user?.onProgress(sentence, circuit);
        for (const { key, wish } of this.#waiters) if (key === entry.key) wish.onProgress(sentence, circuit);
      },
      onChange: (state) => {
        if (state === "closed") this.#forget(entry);
        else this.#idle(entry);
      },
    });
    entry.connection = connection;
    if (this.#closed) connection.http.close(withdrawn());
    else this.#idle(entry);
  }

  #idle(entry: Entry): void {
    entry.state = "idle";
    entry.user = undefined;
    entry.stopIdling = this.#init.clock.after(entry.idleMs, () => entry.connection?.http.close());
    this.#serveSoon();
  }

  #forget(entry: Entry): void {
    entry.stopIdling();
    if (this.#entries.delete(entry)) this.#serveSoon();
  }

  /**
   * Whoever would have been served hears of it; if nothing else leads there, so do all: a hundred pictures of a host that
   * does not answer must not wait for it one after another.
   */
  #failed(entry: Entry, error: TaborError): void {
    this.#entries.delete(entry);
    const waiting = this.#byUrgency().filter(({ key }) => key === entry.key);
    const isReached = [...this.#entries].some(
      ({ key, state }) => key === entry.key && state !== "connecting",
    );
    for (const waiter of isReached ? waiting.slice(0, 1) : waiting) {
      this.#waiters.delete(waiter);
      waiter.reject(error);
    }
    this.#serveSoon();
  }
}

function countsOf(all: Iterable<{ readonly key: string }>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { key } of all) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function closeOneIdle(entries: Iterable<Entry>): boolean {
  for (const { state, connection } of entries) {
    if (state !== "idle" || connection === undefined) continue;
    connection.http.close();
    return true;
  }
  return false;
}

function keyOf({ isolation, scheme, host, port }: Endpoint): string {
  return `${scheme}//${host}:${String(port)} ${isolation}`;
}

function withdrawn(): TaborError {
  return new TaborError("aborted", "here", "the request was withdrawn");
}
