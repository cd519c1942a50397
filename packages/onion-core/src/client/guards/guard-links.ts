import { shortId, type RelayId } from "../../crypto/ids.ts";
import type { RelayEntry } from "../../directory/consensus.ts";
import type { ChannelDialer } from "../../directory/source.ts";
import { TaborError, toTaborError } from "../../errors.ts";
import type { GuardTokens } from "../../handshake/link-gate.ts";
import type { Link, LinkDeps } from "../../link/link.ts";
import { openLink } from "../../link/open-link.ts";
import type { PaddingMode } from "../../padding/silence.ts";
import { withDeadline } from "../../ports/abort.ts";

const DIAL_DEADLINE_MS = 20_000;
/** How long a link that no circuit uses is kept. */
const IDLE_MS = 180_000;

interface OpenLink {
  readonly link: Link;
  /** Monotonic milliseconds. */
  asked: number;
}

export interface GuardLinksInit {
  readonly dialer: ChannelDialer;
  readonly deps: LinkDeps;
  /** How much padding the links have (SPEC §13.1). */
  readonly padding: PaddingMode;
  /** What guards are shown. */
  readonly tokens: GuardTokens;
  /** A link has opened. */
  readonly opened: () => void;
}

/** The client's links to its guards, each shared by all circuits through it, made when they are needed. */
export class GuardLinks {
  readonly #init: GuardLinksInit;
  readonly #closing = new AbortController();
  /** Those that new circuits may use. */
  readonly #current = new Map<RelayId, OpenLink>();
  readonly #opening = new Map<RelayId, Promise<Link>>();
  /** These, and those that were: their circuits may run on. */
  readonly #links = new Set<Link>();

  constructor(init: GuardLinksInit) {
    this.#init = init;
  }

  get isOpen(): boolean {
    return [...this.#current.values()].some(({ link }) => !link.isClosed);
  }

  /** The open link, or a new one; callers at the same time share it. @throws what kept the guard from answering. */
  get(entry: RelayEntry): Promise<Link> {
    const id = entry.descriptor.identity;
    const now = this.#init.deps.clock.monotonic();
    const current = this.#current.get(id);
    if (current?.link.isClosed === false) {
      current.asked = now;
      return Promise.resolve(current.link);
    }
    const opening = this.#opening.get(id) ?? this.#open(entry).finally(() => this.#opening.delete(id));
    this.#opening.set(id, opening);
    return opening;
  }

  /** New circuits make a new link; those that run over this one keep it. */
  leave(link: Link): void {
    for (const [id, current] of this.#current) if (current.link === link) this.#current.delete(id);
    if (link.circuitCount === 0) link.close(new TaborError("closed", "here", "another link serves"));
  }

  close(): void {
    this.#closing.abort();
    for (const link of this.#links) link.close(new TaborError("closed", "here", "the client has stopped"));
  }

  async #open(entry: RelayEntry): Promise<Link> {
    const { deps, opened } = this.#init;
    const id = entry.descriptor.identity;
    const token = await this.#token(id);
    try {
      const link = await this.#dial(entry, token);
      this.#leaveIdle();
      this.#current.set(id, { link, asked: deps.clock.monotonic() });
      opened();
      return link;
    } catch (thrown) {
      const { code, message, where } = toTaborError(thrown, "link", "linking to the guard");
      deps.log.info("the guard does not answer", { guard: shortId(id), code });
      throw new TaborError(code, where, `guard ${shortId(id)} cannot be reached: ${message}`, {
        cause: thrown,
      });
    }
  }

  /** @throws not-authentic, which says nothing of the guard. */
  async #token(guard: RelayId): Promise<Uint8Array | undefined> {
    try {
      return await this.#init.tokens.take(guard);
    } catch (cause) {
      const { message } = toTaborError(cause, "directory", "drawing tokens");
      throw new TaborError("not-authentic", "directory", `no token for the guard: ${message}`, { cause });
    }
  }

  async #dial(entry: RelayEntry, token: Uint8Array | undefined): Promise<Link> {
    const { dialer, deps, padding } = this.#init;
    const channel = await withDeadline(deps.clock, DIAL_DEADLINE_MS, this.#closing.signal, (signal) =>
      dialer.dial(entry, signal),
    );
    const owner = { acceptCircuit: undefined, padding };
    const expected = entry.descriptor.identity;
    const init = { channel, initiator: true, identity: undefined, expected, owner, token };
    const link = await openLink(init, deps);
    this.#links.add(link);
    void link.closed.then(() => this.#links.delete(link));
    if (this.#closing.signal.aborted) this.close();
    return link;
  }

  /** Whenever a new link opens, those to guards that are not used any more go. */
  #leaveIdle(): void {
    const now = this.#init.deps.clock.monotonic();
    for (const { link, asked } of [...this.#current.values()]) {
      if (link.isClosed || (link.circuitCount === 0 && now - asked >= IDLE_MS)) this.leave(link);
    }
  }
}
