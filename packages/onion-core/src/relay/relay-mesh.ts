import type { OnionRelay } from "./onion-relay.ts";
import { shortId, type RelayId } from "../crypto/ids.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import type { ChannelDialer, DirectorySource } from "../directory/source.ts";
import { toTaborError } from "../errors.ts";
import { withDeadline } from "../ports/abort.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { randomFraction, type Random } from "../ports/random.ts";

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
const DIAL_DEADLINE_MS = 30_000;

export interface RelayMeshInit {
  readonly relay: OnionRelay;
  readonly directory: DirectorySource;
  readonly dialer: ChannelDialer;
  /** How many links the relay may have (SPEC §11). */
  readonly maxLinks: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Keeps a relay linked to the others ahead of demand (SPEC §9.5), so that EXTEND2 never needs the broker and the broker
 * never learns a path. Of each pair the relay with the smaller identity dials.
 */
export class RelayMesh {
  readonly #init: RelayMeshInit;
  readonly #neighbours = new Map<RelayId, Neighbour>();
  readonly #closing = new AbortController();
  readonly #unsubscribe: Cancel;

  constructor(init: RelayMeshInit) {
    this.#init = init;
    this.#unsubscribe = init.directory.subscribe((consensus) => {
      this.#update(consensus.relays);
    });
    if (init.directory.current !== undefined) this.#update(init.directory.current.relays);
  }

  close(): void {
    this.#unsubscribe();
    this.#closing.abort();
    for (const neighbour of this.#neighbours.values()) neighbour.cancelRetry();
    this.#neighbours.clear();
  }

  /** Dials those that are new, forgets those that are gone; their links end by themselves. */
  #update(relays: readonly RelayEntry[]): void {
    const listed = new Map<RelayId, RelayEntry>();
    for (const entry of relays) {
      // Also one that is not Running: whoever finds out whether it runs does so over such links.
      if (entry.flags.has("Valid") && isSmaller(this.#init.relay.id, entry))
        listed.set(entry.descriptor.identity, entry);
    }
    for (const [id, neighbour] of this.#neighbours) {
      if (listed.has(id)) continue;
      neighbour.cancelRetry();
      this.#neighbours.delete(id);
    }
    for (const [id, entry] of listed) {
      const known = this.#neighbours.get(id);
      if (known !== undefined) known.entry = entry;
      else void this.#keepLinked(this.#add(id, entry));
    }
  }

  #add(id: RelayId, entry: RelayEntry): Neighbour {
    const neighbour: Neighbour = { id, entry, retryMs: FIRST_RETRY_MS, cancelRetry: () => undefined };
    this.#neighbours.set(id, neighbour);
    return neighbour;
  }

  /** Dials until the neighbour is linked, and again when the link is lost; never throws. */
  async #keepLinked(neighbour: Neighbour): Promise<void> {
    while (this.#isWanted(neighbour)) {
      try {
        const { relay, maxLinks } = this.#init;
        // A relay that was not listed for a while, as when its directory lost its memory, may still be linked.
        const standing = relay.linkTo(neighbour.id);
        if (standing !== undefined) await standing.closed;
        else if (relay.linkCount < maxLinks) await this.#linkUntilClosed(neighbour);
      } catch (thrown) {
        const { code } = toTaborError(thrown, "link", "linking to a relay");
        this.#init.log.debug("no link to a relay", { relay: shortId(neighbour.id), code });
      }
      await this.#wait(neighbour);
    }
  }

  async #linkUntilClosed(neighbour: Neighbour): Promise<void> {
    const { clock, dialer } = this.#init;
    const channel = await withDeadline(clock, DIAL_DEADLINE_MS, this.#closing.signal, (signal) =>
      dialer.dial(neighbour.entry, signal),
    );
    const link = await this.#init.relay.addChannel(channel, neighbour.id);
    neighbour.retryMs = FIRST_RETRY_MS;
    await link.closed;
  }

  /** The wait doubles up to a minute, and is spread so that a restart does not bring everybody at once. */
  #wait(neighbour: Neighbour): Promise<void> {
    if (!this.#isWanted(neighbour)) return Promise.resolve();
    const ms = neighbour.retryMs * (0.5 + randomFraction(this.#init.random));
    neighbour.retryMs = Math.min(neighbour.retryMs * 2, LAST_RETRY_MS);
    return new Promise((resolve) => {
      const cancel = this.#init.clock.after(ms, resolve);
      neighbour.cancelRetry = () => {
        cancel();
        resolve();
      };
    });
  }

  #isWanted(neighbour: Neighbour): boolean {
    return !this.#closing.signal.aborted && this.#neighbours.get(neighbour.id) === neighbour;
  }
}

interface Neighbour {
  readonly id: RelayId;
  entry: RelayEntry;
  retryMs: number;
  cancelRetry: Cancel;
}

/** Whether we are the one who dials. Ids compare as text: any order that both sides share will do. */
function isSmaller(own: RelayId, entry: RelayEntry): boolean {
  return own < entry.descriptor.identity;
}
