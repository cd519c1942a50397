import type { OnionRelay } from "./onion-relay.ts";
import { type RelayId, shortId } from "../crypto/ids.ts";
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
  readonly #attempts = new Map<RelayId, Attempt>();

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
    for (const { control } of this.#attempts.values()) control.abort();
  }

  /**
   * One attempt at a time for each relay: who asks meanwhile, whatever the way, shares what comes of it. Two would end as two links.
   * @param way the neighbour through which it is signalled; undefined: the broker.
   * @returns whether there is a link then. Never throws.
   */
  link(target: RelayEntry, way: RelayEntry | undefined): Promise<boolean> {
    const { identity } = target.descriptor;
    const underWay = this.#attempts.get(identity);
    if (underWay !== undefined) return underWay.isLinked;
    const control = new AbortController();
    const isLinked = this.#try(target, way, control).finally(() => this.#attempts.delete(identity));
    this.#attempts.set(identity, { control, isLinked });
    return isLinked;
  }

  async #try(target: RelayEntry, way: RelayEntry | undefined, control: AbortController): Promise<boolean> {
    const { relay, log } = this.#init;
    const { identity } = target.descriptor;
    // It may have dialled us meanwhile.
    const stop = relay.onLinks((id) => {
      if (id === identity) control.abort();
    });
    try {
      await this.#dial(target, way, control.signal);
    } catch (thrown) {
      const { code } = toTaborError(thrown, "link", "linking to a relay");
      log.debug("no link to a relay", { relay: shortId(identity), by: nameOf(way), code });
    } finally {
      stop();
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

interface Attempt {
  readonly control: AbortController;
  readonly isLinked: Promise<boolean>;
}

function nameOf(way: RelayEntry | undefined): keyof Signalled {
  return way === undefined ? "broker" : "mesh";
}
