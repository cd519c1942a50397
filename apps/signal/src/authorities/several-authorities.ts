import {
  Authority,
  bytesToBase64Url,
  type Clock,
  descriptorDigest,
  type IssuerKey,
  type JoinedRelay,
  type Log,
  periodLength,
  type SigningKey,
} from "@tabor/onion-core";
import type { ConsensusHost, StartConsensuses } from "../directory/consensus-source.ts";
import type { DocumentListener } from "../web/static-site.ts";
import { authorityListener } from "./authority-listener.ts";
import { type AuthorityServer, HttpPeers } from "./http-peers.ts";

export interface SeveralAuthoritiesOptions {
  readonly key: SigningKey;
  readonly others: readonly AuthorityServer[];
  /** Milliseconds; the same for all (SPEC §8.4). */
  readonly roundMs: number;
  /** Our own for tokens now, by time; none in a network that is open. */
  readonly issuers?: () => readonly IssuerKey[];
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly log: Log;
}

/** One authority of several: it makes its directory's consensuses with the others, and its server answers them. */
export interface AuthorityAmongOthers {
  readonly start: StartConsensuses;
  readonly answer: DocumentListener;
}

/** Votes with others, in periods; what changes between two is in the next one. */
export function severalAuthorities(options: SeveralAuthoritiesOptions): AuthorityAmongOthers {
  const { key, others, roundMs, issuers, fetch, clock, log } = options;
  const ids = others.map(({ authority }) => authority);
  const authorities = [key.id, ...ids];
  let running: { readonly authority: Authority; readonly seen: SeenRelays } | undefined;
  let newest: Uint8Array | undefined;
  const start: StartConsensuses = (host) => {
    const seen = new SeenRelays(host);
    const authority = new Authority({
      ...{ key, authorities, roundMs, clock, log },
      peers: new HttpPeers({ key, servers: others, deadline: 2 * roundMs, fetch, clock, log }),
      relays: () => seen.forVote(),
      ...(issuers !== undefined && { issuers }),
      publish: (bytes, votes) => {
        newest = bytes;
        host.publish({ bytes, votes });
      },
    });
    running = { authority, seen };
    return {
      changed: () => undefined,
      close: () => {
        authority.close();
      },
    };
  };
  const answer = authorityListener({
    ...{ own: key.id, others: ids, periodMs: periodLength(authorities.length, roundMs), clock, log },
    receive: async (message) => running?.authority.receive(message),
    descriptors: (digests) => running?.seen.descriptors(digests) ?? [],
    consensus: () => newest,
  });
  return { start, answer };
}

/** Others may ask for what we voted for after its relay has gone. */
class SeenRelays {
  readonly #host: ConsensusHost;
  #latest: readonly JoinedRelay[] = [];
  #before: readonly JoinedRelay[] = [];

  constructor(host: ConsensusHost) {
    this.#host = host;
  }

  forVote(): readonly JoinedRelay[] {
    this.#before = this.#latest;
    this.#latest = this.#host.relays();
    return this.#latest;
  }

  descriptors(digests: readonly Uint8Array[]): readonly Uint8Array[] {
    const known = new Map<string, Uint8Array>();
    for (const { descriptorBytes } of [...this.#before, ...this.#latest, ...this.#host.relays()]) {
      known.set(bytesToBase64Url(descriptorDigest(descriptorBytes)), descriptorBytes);
    }
    return digests.flatMap((digest) => known.get(bytesToBase64Url(digest)) ?? []);
  }
}
