import type { OnionRelay } from "./onion-relay.ts";
import { shortId } from "../crypto/ids.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import type { CarryOffer, ChannelDialer } from "../directory/source.ts";
import { toTaborError } from "../errors.ts";
import { withDeadline } from "../ports/abort.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

const DIAL_DEADLINE_MS = 30_000;

export interface LinkerInit {
  readonly relay: OnionRelay;
  readonly dialer: ChannelDialer;
  /** How many links the relay may have (SPEC §11). */
  readonly maxLinks: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** How the links that a relay dialled were signalled, since its start. */
export interface Signalled {
  readonly broker: number;
  readonly mesh: number;
}

/** Links a relay to others, by the broker or through a neighbour, and counts which. */
export class Linker {
  readonly #init: LinkerInit;
  readonly #signalled = { broker: 0, mesh: 0 };
  readonly #attempts = new Set<AbortController>();

  constructor(init: LinkerInit) {
    this.#init = init;
  }

  get signalled(): Signalled {
    return { ...this.#signalled };
  }

  get hasRoom(): boolean {
    return this.#init.relay.linkCount < this.#init.maxLinks;
  }

  /** Gives up what is under way. */
  close(): void {
    for (const attempt of this.#attempts) attempt.abort();
  }

  /**
   * @param way the neighbour through which it is signalled; undefined: the broker.
   * @returns whether there is a link then. Never throws.
   */
  async link(target: RelayEntry, way: RelayEntry | undefined): Promise<boolean> {
    const { relay, log } = this.#init;
    const { identity } = target.descriptor;
    const attempt = new AbortController();
    // It may have dialled us meanwhile.
    const stop = relay.onLinks((id) => {
      if (id === identity) attempt.abort();
    });
    this.#attempts.add(attempt);
    try {
      await this.#dial(target, way, attempt.signal);
    } catch (thrown) {
      const { code } = toTaborError(thrown, "link", "linking to a relay");
      log.debug("no link to a relay", { relay: shortId(identity), by: nameOf(way), code });
    } finally {
      stop();
      this.#attempts.delete(attempt);
    }
    return relay.linkTo(identity) !== undefined;
  }

  async #dial(target: RelayEntry, way: RelayEntry | undefined, signal: AbortSignal): Promise<void> {
    const { relay, dialer, clock } = this.#init;
    const carry = way && this.#through(way);
    const channel = await withDeadline(clock, DIAL_DEADLINE_MS, signal, (until) =>
      dialer.dial(target, until, carry),
    );
    await relay.addChannel(channel, target.descriptor.identity);
    this.#signalled[nameOf(way)] += 1;
  }

  #through(way: RelayEntry): CarryOffer {
    return (target, offer, signal) => this.#init.relay.carryOffer(way, target, { offer, signal });
  }
}

function nameOf(way: RelayEntry | undefined): keyof Signalled {
  return way === undefined ? "broker" : "mesh";
}
