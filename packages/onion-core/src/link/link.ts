import type { LinkCircuit, CircuitHandler } from "./link-circuit.ts";
import { EWMA_PARAMETERS, EwmaQueue } from "./ewma-queue.ts";
import { CellBuffers } from "./cell-buffers.ts";
import { LinkWindow } from "./link-window.ts";
import {
  CELL_LENGTH,
  encodeCells,
  LINK_CIRCUIT,
  MAX_CELLS_PER_MESSAGE,
  writeCell,
  type Cell,
  type CircuitId,
} from "../cell/cell.ts";
import {
  decodeCreate2,
  decodeCreated2,
  decodeDestroy,
  decodeLinkSendme,
  encodeDestroy,
  type CreateRequest,
  type DestroyReason,
} from "../cell/control.ts";
import { decodeLinkPadding, encodeLinkPadding } from "../cell/padding-bodies.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { LinkPeer } from "../handshake/link-handshake.ts";
import type { QueuedSince, QueueMemory } from "../memory/queue-memory.ts";
import type { Clock } from "../ports/clock.ts";
import type { DataChannel } from "../ports/data-channel.ts";
import { LinkPadding, type PaddingSide } from "../padding/link-padding.ts";
import type { PaddingMode } from "../padding/silence.ts";
import { randomBytes, type Random } from "../ports/random.ts";
import type { Log } from "../ports/log.ts";

/** SPEC §11. */
const MAX_CIRCUITS = 16_384;
/** SPEC §11: 128 MiB. Each circuit keeps its own bound; a peer that does not read could still have very many. */
const MAX_QUEUED_CELLS = 65_536;

/** What a link asks of its owner. */
export interface LinkOwner {
  /**
   * A CREATE2 has come: takes the circuit, or says why it is refused. undefined: we carry no circuits for others, and the
   * link closes (SPEC §2.3).
   */
  readonly acceptCircuit:
    ((circuit: LinkCircuit, request: CreateRequest) => CircuitHandler | DestroyReason) | undefined;
  /** What a client wants of its guard (SPEC §13.1); normal unless it says so. */
  readonly padding?: PaddingMode;
}

export interface LinkDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** In which a relay counts what waits. */
  readonly memory?: QueueMemory;
}

/**
 * An authenticated connection of two peers, shared by all their circuits (SPEC §2). It turns cells into messages and
 * back, gives the next turn to the circuit that has lately sent least, and never writes past the channel's buffer:
 *
 *     circuit A ▸ queue (≤ 2560) ┐
 *     circuit B ▸ queue (≤ 2560) ┼▸ who sent least ▸ message of 1…8 cells ▸ data channel
 *     circuit C ▸ queue (≤ 2560) ┘
 */
export class Link {
  readonly peer: LinkPeer;
  /** Settles when the link has closed, with the reason. */
  readonly closed: Promise<TaborError>;
  readonly #channel: DataChannel;
  readonly #owner: LinkOwner;
  readonly #deps: LinkDeps;
  readonly #initiator: boolean;
  readonly #queue: EwmaQueue;
  readonly #handlers = new Map<CircuitId, CircuitHandler>();
  readonly #padding: LinkPadding;
  readonly #window = new LinkWindow();
  /** LINK_SENDMEs for which the channel had no room. */
  #owedSendmes = 0;
  #resolveClosed: (reason: TaborError) => void = () => undefined;
  #isClosed = false;
  #closingWhenUnused: TaborError | undefined;
  #channelHasRoom = true;
  #flushing = false;
  #cellsIn = 0;
  #cellsOut = 0;

  /** @param init.initiator whether we sent the session offer, which decides the circuit ids that we choose (SPEC §2.3). */
  constructor(init: {
    channel: DataChannel;
    peer: LinkPeer;
    initiator: boolean;
    owner: LinkOwner;
    deps: LinkDeps;
  }) {
    this.#channel = init.channel;
    this.#owner = init.owner;
    this.#deps = init.deps;
    this.#queue = new EwmaQueue(EWMA_PARAMETERS, init.deps.memory);
    this.#initiator = init.initiator;
    this.peer = init.peer;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#padding = this.#startPadding();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether we sent the session offer. */
  get isDialled(): boolean {
    return this.#initiator;
  }

  /** Whether `openCircuit` would not throw. */
  get takesCircuits(): boolean {
    return !this.#isClosed && this.#handlers.size < MAX_CIRCUITS;
  }

  get circuitCount(): number {
    return this.#handlers.size;
  }

  /** Cells of circuits, since the link opened. */
  get cellCounts(): { readonly in: number; readonly out: number } {
    return { in: this.#cellsIn, out: this.#cellsOut };
  }

  /** Since when the first DESTROY of a circuit that has ended waits: a peer that does not read lets them pile up. Looks at all. */
  get oldestOfEnded(): QueuedSince {
    return this.#queue.oldestOfEnded;
  }

  /** A new circuit on this link, named by us. @throws closed or resource-limit. */
  openCircuit(handler: CircuitHandler): LinkCircuit {
    if (this.#isClosed) throw new TaborError("closed", "link", "the link has closed");
    if (this.#handlers.size >= MAX_CIRCUITS)
      throw new TaborError("resource-limit", "link", "too many circuits");
    const id = this.#unusedCircuitId();
    this.#handlers.set(id, handler);
    return this.#circuit(id);
  }

  /** Closes the link; its circuits are told. */
  close(reason: TaborError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#padding.stop();
    this.#channel.close();
    const handlers = [...this.#handlers.values()];
    this.#handlers.clear();
    this.#queue.clear();
    for (const handler of handlers) handler.linkClosed(reason);
    this.#resolveClosed(reason);
  }

  /** Closes the link as soon as it has no circuits, which may be now. */
  closeWhenUnused(reason: TaborError): void {
    this.#closingWhenUnused = reason;
    if (this.#handlers.size === 0) this.close(reason);
  }

  /** A cell has come. Whatever is wrong with it closes the link, and nothing else. */
  receive(cell: Cell): void {
    if (this.#isClosed) return;
    try {
      this.#dispatch(cell);
      this.#deps.memory?.check();
    } catch (thrown) {
      const reason = toTaborError(thrown, "link", "receiving a cell");
      this.#deps.log.info("closing a link after a bad cell", { code: reason.code, reason: reason.message });
      this.close(reason);
    }
  }

  /** The channel has room again. */
  drained(): void {
    this.#channelHasRoom = true;
    this.#sendOwed();
    this.#flush();
  }

  #dispatch(cell: Cell): void {
    switch (cell.command) {
      case "PADDING":
        this.#padding.received();
        return;
      case "PADDING_NEGOTIATE":
        this.#padding.asked(decodeLinkPadding(cell.body));
        return;
      case "LINK_SENDME":
        decodeLinkSendme(cell.body);
        this.#window.acknowledged(this.#deps.clock.monotonic());
        this.#flush();
        return;
      case "VERSIONS":
      case "AUTHENTICATE":
      case "AUTHORIZE":
        throw new TaborError("protocol", "link", "handshake after the handshake");
      case "CREATE2":
        this.#create(cell.circuitId, decodeCreate2(cell.body));
        break;
      case "RELAY":
      case "CREATED2":
      case "DESTROY":
        this.#cellsIn += 1;
        this.#toCircuit(cell);
    }
    if (this.#window.received()) this.#acknowledge();
  }

  #acknowledge(): void {
    this.#owedSendmes += 1;
    this.#sendOwed();
  }

  /** Before any cell of a circuit: the peer waits for them. */
  #sendOwed(): void {
    for (; this.#owedSendmes > 0 && this.#channelHasRoom && !this.#isClosed; this.#owedSendmes--)
      this.#sendOwn("LINK_SENDME", new Uint8Array(0));
  }

  #create(id: CircuitId, request: CreateRequest): void {
    if (this.#owner.acceptCircuit === undefined) throw new TaborError("protocol", "link", "we are no relay");
    if (isInitiatorsId(id) === this.#initiator)
      throw new TaborError("protocol", "link", "circuit id of our half");
    if (this.#handlers.has(id)) {
      this.#breakCircuit(id, "protocol");
      return;
    }
    const accepted =
      this.#handlers.size >= MAX_CIRCUITS
        ? "resource-limit"
        : this.#owner.acceptCircuit(this.#circuit(id), request);
    if (typeof accepted === "string") this.#endCircuit(id, accepted);
    else this.#handlers.set(id, accepted);
  }

  /** Cells of unknown circuits are dropped: they were under way when the circuit was destroyed (SPEC §2.3). */
  #toCircuit(cell: Cell): void {
    const handler = this.#handlers.get(cell.circuitId);
    if (handler === undefined) return;
    if (cell.command === "RELAY") handler.relay(cell.body);
    else if (cell.command === "CREATED2") handler.created(decodeCreated2(cell.body));
    else {
      const reason = decodeDestroy(cell.body);
      this.#forget(cell.circuitId);
      handler.destroyed(reason);
    }
  }

  #circuit(id: CircuitId): LinkCircuit {
    return {
      link: this,
      queued: () => this.#queue.length(id),
      oldest: () => this.#queue.oldest(id),
      send: (command, body) => {
        if (this.#handlers.has(id)) this.#enqueue({ circuitId: id, command, body });
      },
      destroy: (reason) => {
        if (this.#handlers.has(id)) this.#endCircuit(id, reason);
      },
    };
  }

  /** Never throws: a circuit may end because another of its links has. */
  #endCircuit(id: CircuitId, reason: DestroyReason): void {
    this.#handlers.delete(id);
    if (this.#queue.circuits > MAX_CIRCUITS)
      this.close(new TaborError("resource-limit", "link", "the peer does not read"));
    else this.#enqueue({ circuitId: id, command: "DESTROY", body: encodeDestroy(reason) });
    this.#lookWhetherUnused();
  }

  /** Ends a circuit for both: the peer, and its handler here. */
  #breakCircuit(id: CircuitId, reason: DestroyReason): void {
    const handler = this.#handlers.get(id);
    this.#endCircuit(id, reason);
    handler?.destroyed(reason);
  }

  #forget(id: CircuitId): void {
    this.#handlers.delete(id);
    this.#queue.drop(id);
    this.#lookWhetherUnused();
  }

  /** Not at once: who ends a circuit is not told meanwhile that its link has closed, and a last DESTROY still goes out. */
  #lookWhetherUnused(): void {
    const reason = this.#closingWhenUnused;
    if (reason === undefined || this.#handlers.size > 0) return;
    this.#deps.clock.soon(() => {
      if (this.#handlers.size === 0) this.close(reason);
    });
  }

  #unusedCircuitId(): CircuitId {
    for (;;) {
      const random = new DataView(randomBytes(this.#deps.random, 4).buffer).getUint32(0);
      const id = (this.#initiator ? random | INITIATOR_BIT : random & ~INITIATOR_BIT) >>> 0;
      if (id !== 0 && !this.#handlers.has(id as CircuitId)) return id as CircuitId;
    }
  }

  #startPadding(): LinkPadding {
    const { clock, random } = this.#deps;
    const padding = new LinkPadding({
      ...{ side: paddingSide(this.#owner, this.peer), clock, random },
      pad: () => {
        if (this.#queue.isEmpty && this.#handlers.size > 0) this.#sendOwn("PADDING", new Uint8Array(0));
      },
      negotiate: (request) => {
        this.#sendOwn("PADDING_NEGOTIATE", encodeLinkPadding(request));
      },
    });
    padding.start();
    return padding;
  }

  /** A cell of the link itself; if the channel is full, none. */
  #sendOwn(command: "PADDING" | "PADDING_NEGOTIATE" | "LINK_SENDME", body: Uint8Array): void {
    if (!this.#channelHasRoom || this.#isClosed) return;
    const cell = { circuitId: LINK_CIRCUIT, command, body };
    this.#channelHasRoom = this.#channel.send(encodeCells([cell], this.#deps.random));
  }

  #enqueue(cell: Cell): void {
    if (this.#isClosed) return;
    const bytes = buffers.take();
    writeCell(cell, this.#deps.random, bytes);
    if (cell.command === "DESTROY") this.#queue.addLast(cell.circuitId, bytes);
    else this.#queue.add(cell.circuitId, bytes);
    if (this.#queue.size > MAX_QUEUED_CELLS) this.#breakCircuit(this.#queue.longest, "resource-limit");
    this.#deps.memory?.check();
    if (this.#flushing || !this.#channelHasRoom) return;
    this.#flushing = true;
    this.#deps.clock.soon(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#channelHasRoom && this.#window.room > 0 && !this.#isClosed && !this.#queue.isEmpty) {
      const now = this.#deps.clock.monotonic();
      const cells = this.#queue.take(Math.min(MAX_CELLS_PER_MESSAGE, this.#window.room), now);
      this.#window.sent(cells.length, now);
      this.#cellsOut += cells.length;
      this.#padding.sent(now);
      this.#channelHasRoom = this.#channel.send(inOneMessage(cells));
      buffers.giveBack(cells);
    }
  }
}

function paddingSide({ acceptCircuit, padding }: LinkOwner, peer: LinkPeer): PaddingSide {
  if (acceptCircuit === undefined) return { end: "client", mode: padding ?? "normal" };
  return { end: peer.role === "client" ? "guard" : "relay" };
}

const INITIATOR_BIT = 0x8000_0000;

function isInitiatorsId(id: CircuitId): boolean {
  return id >= INITIATOR_BIT;
}

const buffers = new CellBuffers();

/** Channels take a message before `send` returns, so one buffer serves all. */
const message = new Uint8Array(MAX_CELLS_PER_MESSAGE * CELL_LENGTH);

function inOneMessage(cells: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const cell of cells) {
    message.set(cell, length);
    length += cell.length;
  }
  return message.subarray(0, length);
}
