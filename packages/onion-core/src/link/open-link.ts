import { Link, type LinkDeps, type LinkOwner } from "./link.ts";
import { decodeCells, encodeCells, LINK_CIRCUIT, type Cell } from "../cell/cell.ts";
import type { SigningKey } from "../crypto/ed25519.ts";
import type { RelayId } from "../crypto/ids.ts";
import { TaborError, toTaborError } from "../errors.ts";
import { OPEN_GATE, type LinkGate } from "../handshake/link-gate.ts";
import {
  receiveHandshakeCell,
  startLinkHandshake,
  type LinkComplete,
  type LinkHandshake,
} from "../handshake/link-handshake.ts";
import type { DataChannel } from "../ports/data-channel.ts";
import { randomBytes } from "../ports/random.ts";

/** SPEC §2.2. */
const HANDSHAKE_DEADLINE_MS = 10_000;
/** Cells that may come while a signature is being verified: the peer may be done before us and send the first CREATE2s. */
const MAX_EARLY_CELLS = 64;

export interface OpenLinkInit {
  readonly channel: DataChannel;
  /** Whether we sent the session offer. */
  readonly initiator: boolean;
  /** Our identity if we are a relay here; undefined: an anonymous client. */
  readonly identity: SigningKey | undefined;
  /** Whom we dialled; undefined: anybody. */
  readonly expected: RelayId | undefined;
  readonly owner: LinkOwner;
  /** What we show as a client, in a network that asks for it. */
  readonly token?: Uint8Array | undefined;
  /** What we ask as a relay; nothing unless it says so. */
  readonly gate?: LinkGate | undefined;
}

/**
 * Runs the link handshake (SPEC §2.2) on a data channel and makes the link.
 * @throws protocol, malformed, not-authentic, timeout or closed; the channel is then closed.
 */
export async function openLink(init: OpenLinkInit, deps: LinkDeps): Promise<Link> {
  const opening = new Opening(init, deps);
  const cancelDeadline = deps.clock.after(HANDSHAKE_DEADLINE_MS, () => {
    opening.fail(new TaborError("timeout", "link", "the link handshake took too long"));
  });
  try {
    return await opening.link;
  } finally {
    cancelDeadline();
  }
}

/** Receives what comes on the channel: handshake cells first, then the link's. */
class Opening {
  readonly link: Promise<Link>;
  readonly #init: OpenLinkInit;
  readonly #deps: LinkDeps;
  readonly #early: Cell[] = [];
  #handshake: LinkHandshake;
  #stepping = false;
  #open: Link | undefined;
  #failed = false;
  #resolve: (link: Link) => void = () => undefined;
  #reject: (error: TaborError) => void = () => undefined;

  constructor(init: OpenLinkInit, deps: LinkDeps) {
    this.#init = init;
    this.#deps = deps;
    this.link = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { send, next } = startLinkHandshake({
      identity: init.identity,
      fingerprints: init.channel.fingerprints,
      nonce: randomBytes(deps.random, 32),
      expected: init.expected,
      token: init.token,
      gate: init.gate ?? OPEN_GATE,
    });
    this.#handshake = next;
    init.channel.receive({
      message: (bytes) => {
        this.#message(bytes);
      },
      drained: () => this.#open?.drained(),
      closed: (reason) => {
        this.#closed(reason);
      },
    });
    this.#send(send);
  }

  fail(error: TaborError): void {
    if (this.#open !== undefined) {
      this.#open.close(error);
      return;
    }
    this.#failed = true;
    this.#early.length = 0;
    this.#init.channel.close();
    this.#reject(error);
  }

  #message(bytes: Uint8Array): void {
    try {
      const cells = decodeCells(bytes);
      if (this.#open !== undefined) for (const cell of cells) this.#open.receive(cell);
      else this.#beforeOpen(cells);
    } catch (thrown) {
      this.fail(toTaborError(thrown, "link", "receiving a message"));
    }
  }

  #beforeOpen(cells: readonly Cell[]): void {
    if (this.#failed) return;
    this.#early.push(...cells);
    if (this.#early.length > MAX_EARLY_CELLS)
      throw new TaborError("protocol", "link", "too much before the handshake");
    if (!this.#stepping) void this.#step();
  }

  /** One handshake cell after another; then whatever came early goes to the link. */
  async #step(): Promise<void> {
    this.#stepping = true;
    try {
      for (let cell = this.#early.shift(); cell !== undefined; cell = this.#early.shift()) {
        const { send, next } = await receiveHandshakeCell(this.#handshake, cell);
        if (this.#failed) return;
        this.#handshake = next;
        this.#send(send);
        if (next.stage === "complete") {
          this.#complete(next);
          return;
        }
      }
    } catch (thrown) {
      this.fail(toTaborError(thrown, "link", "link handshake"));
    } finally {
      this.#stepping = false;
    }
  }

  #complete({ peer }: LinkComplete): void {
    const { channel, initiator, owner } = this.#init;
    const link = new Link({ channel, peer, initiator, owner, deps: this.#deps });
    this.#open = link;
    this.#resolve(link);
    for (const cell of this.#early.splice(0)) link.receive(cell);
  }

  #closed(reason: string): void {
    this.fail(new TaborError("closed", "link", `the data channel closed: ${reason}`));
  }

  /** Handshake messages are few and small: the channel has room for them. */
  #send(cells: readonly Pick<Cell, "command" | "body">[]): void {
    for (const { command, body } of cells) {
      this.#init.channel.send(encodeCells([{ circuitId: LINK_CIRCUIT, command, body }], this.#deps.random));
    }
  }
}
