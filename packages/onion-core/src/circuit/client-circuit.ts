import { CELL_QUEUE_BOUND } from "./bounds.ts";
import { CircuitEnd } from "./circuit-end.ts";
import type { ClientHop } from "./client-hop.ts";
import { errorFromDestroy, errorFromTruncated } from "./outcome.ts";
import { decodeRelayMessage, INBOUND_COMMANDS, type RelayMessage } from "../cell/relay-message.ts";
import { encodeCreate2, type CreateRequest } from "../cell/control.ts";
import {
  createCircuitHandshake,
  type CircuitHandshake,
  type CircuitKeys,
} from "../handshake/circuit-handshake.ts";
import { relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { InOrder } from "../crypto/in-order.ts";
import { Layer, tagOf, type Opened, type Sealed } from "../crypto/layer.ts";
import { mapMaybe } from "../crypto/maybe-promise.ts";
import { MAX_SLOT, slot, type Slot } from "../crypto/slot.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { CircuitHandler, LinkCircuit } from "../link/link-circuit.ts";
import type { Link } from "../link/link.ts";
import type { MaybePromise } from "../ports/aead.ts";
import { ClientSetupPadding } from "../padding/client-setup-padding.ts";
import type { PaddingMode } from "../padding/silence.ts";
import type { Primitives } from "../ports/primitives.ts";
import type { Clock } from "../ports/clock.ts";
import { randomBelow, type Random } from "../ports/random.ts";

/** SPEC §10.2. */
const HOP_DEADLINE_MS = 10_000;
/** SPEC §13.2: the second, for the first sees the padding, and the last would be told more than it needs. */
const PADDED_HOP = 1;

/** A relay to build through, from the consensus. */
export interface HopTarget {
  readonly id: RelayId;
  readonly ntorKey: Uint8Array;
}

export interface ClientCircuitDeps {
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly random: Random;
  /** Normal unless it says otherwise. */
  readonly padding?: PaddingMode;
}

/**
 * A circuit as the client that builds it sees it (SPEC §6). Outbound, a message is sealed for its hop and then once
 * for each hop before; inbound, each layer is opened in turn until one holds a message:
 *
 *     message ─▸ seal #3 ─▸ seal #2 ─▸ seal #1 ─▸ in order ─▸ link
 *     link ─▸ open #1 ─▸ in order ─▸ open #2 ─▸ in order ─▸ open #3 ─▸ in order ─▸ message
 */
export class ClientCircuit {
  /** Settles when the circuit is gone, with the reason. */
  readonly closed: Promise<TaborError>;
  readonly #deps: ClientCircuitDeps;
  readonly #firstSlot: Slot;
  readonly #sealed: InOrder<OutboundCell>;
  readonly #hops: ClientHop[] = [];
  readonly #circuit: LinkCircuit;
  #begun: { readonly relay: RelayId; readonly handshake: Promise<CircuitHandshake> } | undefined;
  #answer:
    { readonly resolve: (hdata: Uint8Array) => void; readonly reject: (e: TaborError) => void } | undefined;
  #resolveClosed: (reason: TaborError) => void = () => undefined;
  #closedBy: TaborError | undefined;
  #padding: ClientSetupPadding | undefined;

  /** @param plannedHops how many hops there will be, 1…8: decides where the slots may begin (SPEC §4.2). */
  constructor(link: Link, plannedHops: number, deps: ClientCircuitDeps) {
    this.#deps = deps;
    this.#firstSlot = slot(1 + randomBelow(deps.random, MAX_SLOT - plannedHops + 1));
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#sealed = new InOrder(({ body, sealed, tag }) => {
      sealed?.(tag);
      this.#circuit.send("RELAY", body);
    }, this.#fail);
    this.#circuit = link.openCircuit(this.#handler());
  }

  get hops(): readonly ClientHop[] {
    return this.#hops;
  }

  get isClosed(): boolean {
    return this.#closedBy !== undefined;
  }

  /**
   * Makes the first hop (CREATE2), or one more (EXTEND2). @throws what stopped it; the circuit is then gone.
   * @param next whom it will be extended to afterwards: that handshake is begun while the target answers.
   */
  async extend(target: HopTarget, next?: HopTarget): Promise<ClientHop> {
    try {
      return await this.#extend(target, next);
    } catch (thrown) {
      const error = toTaborError(thrown, "relay", "building a circuit");
      this.destroy(error);
      throw this.#closedBy ?? error;
    }
  }

  /** Makes the set-up look like any other, once all hops are there (SPEC §13.2). Resolves when it does; never throws. */
  pad(): Promise<void> {
    const { padding = "normal" } = this.#deps;
    const isUnwanted = padding !== "normal" || this.#hops.length <= PADDED_HOP;
    if (isUnwanted || this.#closedBy !== undefined) return Promise.resolve();
    this.#padding = new ClientSetupPadding(this.#deps.clock, (message) => {
      this.#send(PADDED_HOP, message);
    });
    this.#padding.start();
    return this.#padding.ended;
  }

  /** Destroys the circuit. Relays learn no reason (SPEC §3). */
  destroy(reason: TaborError): void {
    this.#circuit.destroy("none");
    this.#gone(reason);
  }

  async #extend(target: HopTarget, next: HopTarget | undefined): Promise<ClientHop> {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    const hopSlot = slot(this.#firstSlot + this.#hops.length);
    const begun = this.#begun?.relay === target.id ? this.#begun.handshake : this.#begin(target, hopSlot);
    const handshake = await begun;
    const started = this.#deps.clock.monotonic();
    const answer = this.#ask(relayIdToBytes(target.id), handshake);
    this.#begun = next && { relay: next.id, handshake: this.#beginSoon(next, hopSlot + 1) };
    const keys = await handshake.finish(await answer);
    return this.#addHop(target.id, await this.#layers(keys, hopSlot), this.#deps.clock.monotonic() - started);
  }

  #begin({ id, ntorKey }: HopTarget, hopSlot: Slot): Promise<CircuitHandshake> {
    const relay = { identity: relayIdToBytes(id), ntorKey };
    return createCircuitHandshake(relay, hopSlot, this.#deps.primitives.handshake);
  }

  /** In a turn of its own: the request that is under way leaves before it. */
  #beginSoon(next: HopTarget, hopSlot: number): Promise<CircuitHandshake> {
    const turn = new Promise<void>((resolve) => {
      this.#deps.clock.soon(resolve);
    });
    const handshake = turn.then(() => this.#begin(next, slot(hopSlot)));
    // It may fail when nobody waits for it yet, or any more.
    handshake.catch(() => undefined);
    return handshake;
  }

  /** Sends CREATE2 or EXTEND2 and waits for the answer. */
  async #ask(identity: Uint8Array, handshake: CircuitHandshake): Promise<Uint8Array> {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    const answered = new Promise<Uint8Array>((resolve, reject) => (this.#answer = { resolve, reject }));
    const last = this.#hops.length - 1;
    const cancelDeadline = this.#deps.clock.after(HOP_DEADLINE_MS, () => {
      this.destroy(new TaborError("timeout", "relay", `relay #${String(last + 2)} did not answer in time`));
    });
    const request: CreateRequest = { htype: handshake.htype, hdata: handshake.hdata };
    if (last < 0) this.#circuit.send("CREATE2", encodeCreate2(request));
    else this.#send(last, { command: "EXTEND2", identity, ...request });
    try {
      return await answered;
    } finally {
      cancelDeadline();
      this.#answer = undefined;
    }
  }

  async #layers(keys: CircuitKeys, hopSlot: Slot): Promise<{ outbound: Layer; inbound: Layer }> {
    const [outbound, inbound] = await Promise.all([
      this.#deps.primitives.aead.importKey(keys.outbound),
      this.#deps.primitives.aead.importKey(keys.inbound),
    ]);
    keys.outbound.fill(0);
    keys.inbound.fill(0);
    return { outbound: new Layer(outbound, hopSlot), inbound: new Layer(inbound, hopSlot) };
  }

  #addHop(relay: RelayId, layers: { outbound: Layer; inbound: Layer }, handshakeMs: number): ClientHop {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    const index = this.#hops.length;
    const end = new CircuitEnd({
      clock: this.#deps.clock,
      transmit: (message, sealed) => {
        this.#padding?.sent();
        this.#send(index, message, sealed);
      },
      queued: () => this.#queued,
      destroy: (reason) => {
        this.destroy(reason);
      },
    });
    const opened = new InOrder<Opened>((content) => {
      this.#opened(index, content);
    }, this.#fail);
    const hop: ClientHop = { relay, ...layers, opened, end, handshakeMs };
    this.#hops.push(hop);
    return hop;
  }

  /** Cells that wait on the way to the exit. */
  get #queued(): number {
    return this.#sealed.pending + this.#circuit.queued();
  }

  /** Never throws: what goes wrong ends the circuit. */
  #send(hop: number, message: RelayMessage, sealed?: (tag: Uint8Array) => void): void {
    if (this.#closedBy !== undefined) return;
    try {
      this.#bound(this.#queued);
      this.#sealed.push(mapMaybe(this.#seal(hop, message), ({ body, tag }) => ({ body, tag, sealed })));
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Takes every layer's next place at once, so that cells sealed in parallel keep their order at every hop. */
  #seal(hop: number, message: RelayMessage): MaybePromise<{ body: Sealed; tag: Uint8Array }> {
    const target = this.#hops[hop];
    if (target === undefined) throw new TaborError("usage", "here", "no such hop");
    const outer = this.#hops
      .slice(0, hop)
      .reverse()
      .map((before) => before.outbound.sealForwardLater());
    return mapMaybe(target.outbound.sealMessage(message), (innermost) => {
      const tag = tagOf(innermost).slice();
      const sealAll = outer.reduce<MaybePromise<Sealed>>((body, seal) => mapMaybe(body, seal), innermost);
      return mapMaybe(sealAll, (body) => ({ body, tag }));
    });
  }

  #handler(): CircuitHandler {
    return {
      relay: (body) => {
        this.#received(0, body);
      },
      created: (hdata) => {
        if (this.#hops.length === 0 && this.#answer !== undefined) this.#answered(hdata);
        else this.#fail(new TaborError("protocol", "relay", "CREATED2 was not asked for"));
      },
      destroyed: (reason) => {
        this.#gone(errorFromDestroy(reason));
      },
      linkClosed: (reason) => {
        this.#gone(new TaborError("closed", "link", "the link to the guard was lost", { cause: reason }));
      },
    };
  }

  /** What came from the link, or what the layer of the hop before held, enters the layer of `hop`. */
  #received(index: number, body: Uint8Array): void {
    try {
      const hop = this.#hops[index];
      if (hop === undefined) throw new TaborError("protocol", "relay", "cell from beyond the last hop");
      this.#bound(hop.opened.pending);
      hop.opened.push(hop.inbound.open(body));
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** SPEC §11. */
  #bound(cells: number): void {
    if (cells >= CELL_QUEUE_BOUND) throw new TaborError("resource-limit", "relay", "too many cells wait");
  }

  #opened(index: number, opened: Opened): void {
    if (this.#closedBy !== undefined) return;
    if (opened.isMessage) this.#message(index, opened);
    else this.#received(index + 1, opened.content);
  }

  #message(index: number, { content, sealed }: Opened): void {
    const hop = this.#hops[index];
    const message = decodeRelayMessage(content, INBOUND_COMMANDS);
    switch (message.command) {
      case "EXTENDED2":
        this.#extended(index, message.hdata);
        return;
      case "TRUNCATED":
        this.destroy(errorFromTruncated(message.reason, index));
        return;
      case "SENDME":
        hop?.end.acknowledged(message.tag);
        return;
      case "DROP":
        this.#paddingOf(index).dropped();
        return;
      case "PADDING_NEGOTIATED":
        this.#paddingOf(index).answered(message);
        return;
      case "PADDING_NEGOTIATE":
      case "TRUNCATE":
      case "EXTEND2":
        throw new TaborError("protocol", "relay", `${message.command} towards a client`);
      case "CONFLUX_LINK":
      case "CONFLUX_LINKED":
      case "CONFLUX_LINKED_ACK":
      case "CONFLUX_SWITCH":
        hop?.end.conflux(message);
        return;
      default:
        hop?.end.receive(message, tagOf(sealed));
    }
  }

  /** @throws protocol. */
  #paddingOf(hop: number): ClientSetupPadding {
    if (this.#padding === undefined || hop !== PADDED_HOP)
      throw new TaborError("protocol", "relay", "padding that was not asked for");
    return this.#padding;
  }

  #extended(index: number, hdata: Uint8Array): void {
    if (this.#answer === undefined || index !== this.#hops.length - 1) {
      throw new TaborError("protocol", "relay", "EXTENDED2 was not asked for");
    }
    this.#answered(hdata);
  }

  /** A second answer is one too many. */
  #answered(hdata: Uint8Array): void {
    this.#answer?.resolve(hdata.slice());
    this.#answer = undefined;
  }

  readonly #fail = (thrown: unknown): void => {
    this.destroy(toTaborError(thrown, "relay", "using a circuit"));
  };

  #gone(reason: TaborError): void {
    if (this.#closedBy !== undefined) return;
    this.#closedBy = reason;
    this.#sealed.clear();
    this.#padding?.close();
    this.#answer?.reject(reason);
    for (const hop of this.#hops) {
      hop.opened.clear();
      hop.end.closed(reason);
    }
    this.#resolveClosed(reason);
  }
}

interface OutboundCell {
  readonly body: Sealed;
  readonly tag: Uint8Array;
  readonly sealed: ((tag: Uint8Array) => void) | undefined;
}
