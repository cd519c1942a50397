import { isServing, type Guards } from "./guards.ts";
import { shortId } from "../crypto/ids.ts";
import type { Consensus, RelayEntry } from "../directory/consensus.ts";
import type { ChannelDialer } from "../directory/source.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { Link, LinkDeps } from "../link/link.ts";
import { withDeadline } from "../ports/abort.ts";
import { openLink } from "../link/open-link.ts";

const DIAL_DEADLINE_MS = 20_000;

/** The client's one link: to its guard, shared by all its circuits, made when it is needed. */
export class GuardLink {
  readonly #guards: Guards;
  readonly #dialer: ChannelDialer;
  readonly #deps: LinkDeps;
  readonly #closing = new AbortController();
  /** Those in use, and those that were: their circuits may run on. */
  readonly #links = new Set<Link>();
  #current: LinkedGuard | undefined;
  #opening: Promise<LinkedGuard> | undefined;

  constructor(init: { guards: Guards; dialer: ChannelDialer; deps: LinkDeps }) {
    this.#guards = init.guards;
    this.#dialer = init.dialer;
    this.#deps = init.deps;
  }

  get isOpen(): boolean {
    return this.#current?.link.isClosed === false;
  }

  /** The open link, or a new one; callers at the same time share it. @throws what kept the guard from answering. */
  get(consensus: Consensus): Promise<LinkedGuard> {
    const current = this.#current;
    if (current?.link.isClosed === false && isServing(consensus, current.entry))
      return Promise.resolve(current);
    this.#leave();
    this.#opening ??= this.#open(consensus).finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /** The guard is linked, but did not answer for a new circuit: another is asked first for a while. */
  failed({ entry, link }: LinkedGuard): void {
    this.#guards.failed(entry.descriptor.identity);
    if (this.#current?.link === link) this.#leave();
  }

  close(): void {
    this.#closing.abort();
    for (const link of this.#links) link.close(new TaborError("closed", "here", "the client has stopped"));
  }

  /** Circuits that run over the link keep it. */
  #leave(): void {
    const link = this.#current?.link;
    this.#current = undefined;
    if (link?.circuitCount === 0) link.close(new TaborError("closed", "here", "another guard serves"));
  }

  async #open(consensus: Consensus): Promise<LinkedGuard> {
    const entry = await this.#guards.choose(consensus);
    const id = entry.descriptor.identity;
    try {
      const link = await this.#dial(entry);
      this.#guards.succeeded(id);
      this.#current = { entry, link };
      return this.#current;
    } catch (thrown) {
      this.#guards.failed(id);
      const { code, message, where } = toTaborError(thrown, "link", "linking to the guard");
      this.#deps.log.info("the guard does not answer", { guard: shortId(id), code });
      throw new TaborError(code, where, `guard ${shortId(id)} cannot be reached: ${message}`, {
        cause: thrown,
      });
    }
  }

  async #dial(entry: RelayEntry): Promise<Link> {
    const channel = await withDeadline(this.#deps.clock, DIAL_DEADLINE_MS, this.#closing.signal, (signal) =>
      this.#dialer.dial(entry, signal),
    );
    const owner = { acceptCircuit: undefined };
    const expected = entry.descriptor.identity;
    const init = { channel, initiator: true, identity: undefined, expected, owner };
    const link = await openLink(init, this.#deps);
    this.#links.add(link);
    void link.closed.then(() => this.#links.delete(link));
    if (this.#closing.signal.aborted) this.close();
    return link;
  }
}

/** A guard, and the link to it. */
export interface LinkedGuard {
  readonly entry: RelayEntry;
  readonly link: Link;
}
