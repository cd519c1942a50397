import type { Guards } from "./guards.ts";
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
  #current: { readonly entry: RelayEntry; readonly link: Link } | undefined;
  #opening: Promise<{ entry: RelayEntry; link: Link }> | undefined;

  constructor(init: { guards: Guards; dialer: ChannelDialer; deps: LinkDeps }) {
    this.#guards = init.guards;
    this.#dialer = init.dialer;
    this.#deps = init.deps;
  }

  /** The open link, or a new one; callers at the same time share it. @throws what kept the guard from answering. */
  get(consensus: Consensus): Promise<{ entry: RelayEntry; link: Link }> {
    if (this.#current?.link.isClosed === false) return Promise.resolve(this.#current);
    this.#opening ??= this.#open(consensus).finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  close(): void {
    this.#closing.abort();
    this.#current?.link.close(new TaborError("closed", "here", "the client has stopped"));
  }

  async #open(consensus: Consensus): Promise<{ entry: RelayEntry; link: Link }> {
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
    return openLink({ channel, initiator: true, identity: undefined, expected, owner }, this.#deps);
  }
}
