import { CircuitEnd } from "./circuit-end.ts";
import { CELL_QUEUE_BOUND } from "./bounds.ts";
import { destroyReasonFor } from "./outcome.ts";
import { decodeRelayMessage, OUTBOUND_COMMANDS, type RelayMessage } from "../cell/relay-message.ts";
import { encodeCreate2, type DestroyReason } from "../cell/control.ts";
import type { Extend2 } from "../cell/circuit-bodies.ts";
import { InOrder } from "../crypto/in-order.ts";
import { mapMaybe } from "../crypto/maybe-promise.ts";
import { tagOf, type Layer, type Opened, type Sealed } from "../crypto/layer.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { CircuitHandler, LinkCircuit } from "../link/link-circuit.ts";
import type { Link } from "../link/link.ts";
import type { QueuedSince, QueueMemory } from "../memory/queue-memory.ts";
import { RelaySetupPadding } from "../padding/relay-setup-padding.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { MaybePromise } from "../ports/aead.ts";
import type { Random } from "../ports/random.ts";

/** SPEC §6.2. */
const EXTEND_DEADLINE_MS = 10_000;

/** What a relay's circuit asks of its relay. */
export interface RelayCircuitHost {
  readonly clock: Clock;
  readonly random: Random;
  /** In which is counted what waits. */
  readonly memory: QueueMemory;
  /** Opens a circuit on the link to a relay, which may have to be made; undefined if there is none that takes it (SPEC §6.2). Never throws. */
  openNext(identity: Uint8Array, handler: CircuitHandler): MaybePromise<LinkCircuit | undefined>;
  /** Gives the circuit's end, which came over `link`, to the streams of an exit, or to something that refuses them. Tells since when it holds data of theirs. */
  serve(end: CircuitEnd, link: Link): { readonly oldest: QueuedSince };
  /** The circuit is gone. */
  ended(circuit: RelayCircuit): void;
}

type Next =
  | { readonly state: "none" }
  | { readonly state: "lost" }
  | { readonly state: "reaching" }
  | { readonly state: "extending"; readonly link: LinkCircuit; readonly cancelDeadline: Cancel }
  | { readonly state: "open"; readonly link: LinkCircuit };

/**
 * A circuit as one of its hops sees it (SPEC §6):
 *
 *     previous link ─▸ RELAY ─▸ open ─▸ in order ─┬─ forward ─▸ next link
 *                                                 └─ message ─▸ here: extend, truncate, streams
 *     previous link ◂─ RELAY ◂─ in order ◂─ seal ◂┬─ from the next link
 *                                                 └─ messages of our own
 */
export class RelayCircuit {
  readonly #previous: LinkCircuit;
  readonly #outbound: Layer;
  readonly #inbound: Layer;
  readonly #host: RelayCircuitHost;
  readonly #opened: InOrder<Opened>;
  readonly #sealed: InOrder<InboundCell>;
  readonly #end: CircuitEnd;
  #next: Next = { state: "none" };
  #padding: RelaySetupPadding | undefined;
  readonly #served: { readonly oldest: QueuedSince };
  #isClosed = false;

  constructor(init: { previous: LinkCircuit; outbound: Layer; inbound: Layer; host: RelayCircuitHost }) {
    this.#previous = init.previous;
    this.#outbound = init.outbound;
    this.#inbound = init.inbound;
    this.#host = init.host;
    const fail = (thrown: unknown): void => {
      this.#fail(thrown);
    };
    this.#opened = new InOrder(
      (opened) => {
        this.#fromClient(opened);
      },
      fail,
      init.host.memory,
    );
    this.#sealed = new InOrder(
      (cell) => {
        this.#toPrevious(cell);
      },
      fail,
      init.host.memory,
    );
    this.#end = new CircuitEnd({
      clock: init.host.clock,
      transmit: (message, sealed) => {
        this.#send(message, sealed);
      },
      queued: () => this.#queued,
      destroy: (reason) => {
        this.destroy(reason);
      },
    });
    this.#served = this.#host.serve(this.#end, this.#previous.link);
  }

  /** Since when the first of what is held of it waits, wherever in the relay. */
  get oldest(): QueuedSince {
    const next = "link" in this.#next ? this.#next.link.oldest() : Infinity;
    const layers = Math.min(this.#opened.oldest, this.#sealed.oldest);
    return Math.min(this.#previous.oldest(), next, layers, this.#served.oldest);
  }

  /** A RELAY cell from the previous hop. */
  relay(body: Uint8Array): void {
    if (this.#isClosed) return;
    this.#try(() => {
      this.#bound(this.#opened.pending);
      this.#opened.push(this.#outbound.open(body));
    });
  }

  /** The previous hop has destroyed the circuit, or its link is gone. */
  previousGone(error: TaborError): void {
    this.#close(error, undefined);
  }

  /** Destroys the circuit in both directions. */
  destroy(error: TaborError): void {
    this.#close(error, destroyReasonFor(error));
  }

  #fromClient(opened: Opened): void {
    if (this.#isClosed) return;
    if (opened.isMessage) this.#message(opened);
    else this.#forward(opened.content);
  }

  #forward(content: Uint8Array): void {
    // It was under way when the next hop was lost; TRUNCATED tells the client, and must not be cut off by DESTROY.
    if (this.#next.state === "lost") return;
    if (this.#next.state !== "open") throw new TaborError("protocol", "relay", "no hop to forward to");
    this.#bound(this.#next.link.queued());
    this.#next.link.send("RELAY", content);
  }

  #message({ content, sealed }: Opened): void {
    const message = decodeRelayMessage(content, OUTBOUND_COMMANDS);
    switch (message.command) {
      case "EXTEND2":
        this.#extend(message);
        return;
      case "TRUNCATE":
        this.#truncate();
        return;
      case "SENDME":
        this.#end.acknowledged(message.tag);
        return;
      case "DROP":
        this.#machine().dropped();
        return;
      case "PADDING_NEGOTIATE":
        this.#machine().asked(message);
        return;
      case "PADDING_NEGOTIATED":
      case "TRUNCATED":
      case "EXTENDED2":
        throw new TaborError("protocol", "relay", `${message.command} from a client`);
      case "CONFLUX_LINK":
      case "CONFLUX_LINKED":
      case "CONFLUX_LINKED_ACK":
      case "CONFLUX_SWITCH":
        if (this.#next.state !== "none") throw new TaborError("protocol", "relay", "a leg ends here");
        this.#end.conflux(message);
        return;
      default:
        this.#end.receive(message, tagOf(sealed));
    }
  }

  #machine(): RelaySetupPadding {
    const { clock, random } = this.#host;
    this.#padding ??= new RelaySetupPadding({
      ...{ clock, random },
      send: (message) => {
        this.#send(message);
      },
      queued: () => this.#previous.queued(),
    });
    return this.#padding;
  }

  #extend(extend: Extend2): void {
    const isExtended = this.#next.state !== "none" && this.#next.state !== "lost";
    if (isExtended || this.#end.isLeg)
      throw new TaborError("protocol", "relay", "EXTEND2 beyond the next hop");
    const link = this.#host.openNext(extend.identity, this.#nextHandler());
    if (link instanceof Promise) void this.#reach(link, { ...extend, hdata: extend.hdata.slice() });
    else this.#create(link, extend);
  }

  /** The link has to be made; meanwhile the client may have given it up. */
  async #reach(reached: Promise<LinkCircuit | undefined>, extend: Extend2): Promise<void> {
    const reaching: Next = { state: "reaching" };
    const before = this.#next;
    this.#next = reaching;
    const link = await reached;
    if (this.#next !== reaching) {
      link?.destroy("destroyed");
      return;
    }
    this.#next = before;
    this.#create(link, extend);
  }

  #create(link: LinkCircuit | undefined, extend: Extend2): void {
    if (link === undefined) {
      this.#send({ command: "TRUNCATED", reason: "connect-failed" });
      return;
    }
    const cancelDeadline = this.#host.clock.after(EXTEND_DEADLINE_MS, () => {
      this.#dropNext("timeout");
      this.#send({ command: "TRUNCATED", reason: "timeout" });
    });
    this.#next = { state: "extending", link, cancelDeadline };
    link.send("CREATE2", encodeCreate2(extend));
  }

  #nextHandler(): CircuitHandler {
    return {
      created: (hdata) => {
        this.#extended(hdata);
      },
      relay: (body) => {
        this.#fromNext(body);
      },
      destroyed: (reason) => {
        this.#nextGone(reason);
      },
      linkClosed: () => {
        this.#nextGone("link-closed");
      },
    };
  }

  /** @throws protocol, which closes the next hop's link: it answered what nobody asked. */
  #extended(hdata: Uint8Array): void {
    if (this.#next.state !== "extending")
      throw new TaborError("protocol", "link", "CREATED2 was not asked for");
    this.#next.cancelDeadline();
    this.#next = { state: "open", link: this.#next.link };
    this.#send({ command: "EXTENDED2", hdata });
  }

  /** Cells that wait on the way to the client. */
  get #queued(): number {
    return this.#sealed.pending + this.#previous.queued();
  }

  #fromNext(body: Uint8Array): void {
    if (this.#next.state !== "open") throw new TaborError("protocol", "link", "RELAY before CREATED2");
    this.#try(() => {
      this.#bound(this.#queued);
      this.#padding?.relayed();
      this.#sealed.push(sealedCell(this.#inbound.sealForward(body)));
    });
  }

  #nextGone(reason: DestroyReason): void {
    if (this.#isClosed) return;
    this.#dropNext(undefined);
    this.#send({ command: "TRUNCATED", reason });
  }

  #truncate(): void {
    this.#dropNext("requested");
    this.#send({ command: "TRUNCATED", reason: "requested" });
  }

  /** @param reason for the next hop; undefined: it is gone already. */
  #dropNext(reason: DestroyReason | undefined): void {
    const next = this.#next;
    if (next.state === "none" || next.state === "lost") return;
    this.#next = { state: "lost" };
    if (next.state === "reaching") return;
    if (next.state === "extending") next.cancelDeadline();
    if (reason !== undefined) next.link.destroy(reason);
  }

  /** Never throws: streams send at any time, and what goes wrong is the circuit's fault and ends it. */
  #send(message: RelayMessage, sealed?: (tag: Uint8Array) => void): void {
    if (this.#isClosed) return;
    this.#try(() => {
      this.#bound(this.#queued);
      this.#sealed.push(sealedCell(this.#inbound.sealMessage(message), sealed));
    });
  }

  #toPrevious({ body, sealed }: InboundCell): void {
    if (this.#isClosed) return;
    sealed?.(tagOf(body).slice());
    this.#previous.send("RELAY", body);
  }

  /** SPEC §11: a circuit whose cells pile up is destroyed; its windows keep an honest one far below. */
  #bound(cells: number): void {
    if (cells >= CELL_QUEUE_BOUND) throw new TaborError("resource-limit", "relay", "too many cells wait");
  }

  #try(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    this.destroy(toTaborError(thrown, "relay", "carrying a circuit"));
  }

  #close(error: TaborError, reasonForPrevious: DestroyReason | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#padding?.close();
    this.#opened.clear();
    this.#sealed.clear();
    this.#dropNext(reasonForPrevious ?? "destroyed");
    if (reasonForPrevious !== undefined) this.#previous.destroy(reasonForPrevious);
    this.#end.closed(error);
    this.#host.ended(this);
  }
}

interface InboundCell {
  readonly body: Sealed;
  readonly sealed: ((tag: Uint8Array) => void) | undefined;
}

function sealedCell(
  body: MaybePromise<Sealed>,
  sealed?: (tag: Uint8Array) => void,
): MaybePromise<InboundCell> {
  return mapMaybe(body, (ready) => ({ body: ready, sealed }));
}
