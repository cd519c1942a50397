import type { RelayId } from "../crypto/ids.ts";
import { generateSigningKey, type SigningKey } from "../crypto/ed25519.ts";
import { Authority, type AuthorityPeers } from "../directory/authority.ts";
import type { PeriodReport } from "../directory/authority-report.ts";
import { descriptorDigest } from "../directory/digest.ts";
import type { JoinedRelay } from "../directory/joined-relay.ts";
import { compareBytes } from "../bytes/compare.ts";
import { TaborError } from "../errors.ts";
import { silentLog, type Log } from "../ports/log.ts";
import { randomBelow } from "../ports/random.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Takes messages in the place of an authority: an honest one, or whatever a test makes of it. */
export interface AuthorityEnd {
  receive(message: Uint8Array): void;
  /** What it answers when asked for descriptors, and for its consensus. */
  readonly relays: readonly JoinedRelay[];
  readonly consensus: Uint8Array | undefined;
}

/** Authorities in one memory; each message takes its own part of a round. */
export class MemoryAuthorities {
  readonly ends = new Map<RelayId, AuthorityEnd>();
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #longest: number;

  /** @param roundMs within which every message arrives. */
  constructor(clock: VirtualClock, random: SeededRandom, roundMs: number) {
    this.#clock = clock;
    this.#random = random;
    this.#longest = Math.floor(roundMs * 0.8);
  }

  send(to: RelayId, message: Uint8Array): void {
    this.#clock.after(randomBelow(this.#random, this.#longest), () => {
      this.ends.get(to)?.receive(message);
    });
  }

  get peers(): AuthorityPeers {
    return {
      send: (to, message) => {
        this.send(to, message);
      },
      descriptors: (from, digests) => {
        const relays = this.ends.get(from)?.relays ?? [];
        const isWanted = (bytes: Uint8Array): boolean =>
          digests.some((digest) => compareBytes(digest, descriptorDigest(bytes)) === 0);
        return Promise.resolve(relays.map(({ descriptorBytes }) => descriptorBytes).filter(isWanted));
      },
      consensus: (from) => {
        const consensus = this.ends.get(from)?.consensus;
        if (consensus !== undefined) return Promise.resolve(consensus);
        return Promise.reject(new TaborError("unreachable", "directory", "it has none"));
      },
    };
  }
}

/** An honest authority with what it has published and reported. */
export interface HonestAuthority extends AuthorityEnd {
  readonly authority: Authority;
  readonly published: readonly Uint8Array[];
  readonly reports: readonly PeriodReport[];
}

export function honestAuthority(
  network: MemoryAuthorities,
  options: {
    readonly key: SigningKey;
    readonly authorities: readonly RelayId[];
    readonly roundMs: number;
    readonly clock: VirtualClock;
    readonly relays: () => readonly JoinedRelay[];
    readonly log?: Log;
  },
): HonestAuthority {
  const published: Uint8Array[] = [];
  const reports: PeriodReport[] = [];
  const authority = new Authority({
    log: silentLog,
    ...options,
    peers: network.peers,
    publish: (bytes) => published.push(bytes),
    reported: (report) => reports.push(report),
  });
  const end = {
    authority,
    published,
    reports,
    receive: (message: Uint8Array) => {
      authority.receive(message).catch(() => undefined);
    },
    get relays() {
      return options.relays();
    },
    get consensus() {
      return published.at(-1);
    },
  };
  network.ends.set(options.key.id, end);
  return end;
}

/** As many keys as a test needs, in the order of their identities. */
export async function freshKeys(n: number): Promise<readonly SigningKey[]> {
  const made = await Promise.all(Array.from({ length: n }, () => generateSigningKey()));
  return made.map(({ key }) => key).sort((a, b) => compareBytes(a.publicKey, b.publicKey));
}
