import type { Decompressor } from "@tabor/http";
import type { Clock } from "@tabor/onion-core";
import { ConnectionPool } from "./connection-pool.ts";
import { SiteCookies } from "./cookies.ts";
import { StrictTransport } from "./hsts.ts";
import { HttpCache } from "./http-cache.ts";
import { connectTo, endpointOf, type ConnectInit, type Endpoint } from "./site-connection.ts";
import { Transport } from "./transport.ts";

/** What belongs to one first-party site. */
export interface SiteState {
  readonly cookies: SiteCookies;
  readonly strictTransport: StrictTransport;
  /** Changed with every new circuit. */
  generation: number;
}

/** Everything that is remembered and open between two *new identities*. */
export class Identity {
  readonly cache: HttpCache;
  readonly transport: Transport;
  readonly brotli: () => Promise<Decompressor>;
  readonly #clock: Clock;
  readonly #epoch: number;
  readonly #pool: ConnectionPool;
  readonly #sites = new Map<string, SiteState>();

  /** @param epoch never used before. */
  constructor(init: ConnectInit, epoch: number, brotli: () => Promise<Decompressor>) {
    this.#clock = init.clock;
    this.#epoch = epoch;
    this.brotli = brotli;
    this.cache = new HttpCache(init.clock);
    this.#pool = new ConnectionPool({
      clock: init.clock,
      connect: (endpoint, options) => connectTo(endpoint, init, options),
    });
    this.transport = new Transport(this.#pool);
  }

  site(firstParty: string): SiteState {
    const known = this.#sites.get(firstParty);
    if (known !== undefined) return known;
    const cookies = new SiteCookies(this.#clock);
    const site = { cookies, strictTransport: new StrictTransport(this.#clock), generation: 0 };
    this.#sites.set(firstParty, site);
    return site;
  }

  /** What streams of this site share circuits by. */
  isolation(firstParty: string): string {
    return `${firstParty} ${this.#epoch}.${this.site(firstParty).generation}`;
  }

  newCircuit(firstParty: string): void {
    this.#pool.drop(this.isolation(firstParty));
    this.site(firstParty).generation += 1;
  }

  /** Opens connections to the hosts of `urls`, so many as are to be fetched there; stored ones are not. */
  connectAhead(firstParty: string, urls: Iterable<URL>): void {
    const isolation = this.isolation(firstParty);
    const counts = new Map<string, { readonly endpoint: Endpoint; count: number }>();
    for (const url of urls) {
      if (url.protocol !== "https:" || this.cache.has({ url, firstParty })) continue;
      const host = counts.get(url.host) ?? { endpoint: endpointOf(url, isolation), count: 0 };
      host.count += 1;
      counts.set(url.host, host);
    }
    for (const { endpoint, count } of counts.values()) this.#pool.connectAhead(endpoint, count);
  }

  /** Ends all its requests. */
  close(): void {
    this.#pool.close();
  }
}
