import type { OnionRelayInit } from "./onion-relay.ts";
import { ExitEnds } from "./exit-ends.ts";
import { SignalDesk } from "./signal-desk.ts";
import { destroyReasonFor } from "../circuit/outcome.ts";
import { RelayCircuit, type RelayCircuitHost } from "../circuit/relay-circuit.ts";
import { encodeCreated2, type CreateRequest, type DestroyReason } from "../cell/control.ts";
import { answerCircuitHandshake, HYBRID } from "../handshake/circuit-handshake.ts";
import { Layer } from "../crypto/layer.ts";
import { mapMaybe } from "../crypto/maybe-promise.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { Link } from "../link/link.ts";
import type { CircuitHandler, LinkCircuit } from "../link/link-circuit.ts";
import type { QueueMemory } from "../memory/queue-memory.ts";
import type { MaybePromise } from "../ports/aead.ts";
import type { ExitPorts } from "../stream/exit-port.ts";

/** SPEC §11. */
const MAX_HANDSHAKES = 256;
/** What a circuit costs that carries nothing, in bytes: its keys (in Node also outside of the heap), queues and handlers; 15 KB were measured. */
const CIRCUIT_BYTES = 16_384;
/** Circuits that carry nothing may cost this part of the memory: else those who make many would have those ended that carry something. */
const CIRCUITS_SHARE = 0.5;

type RelayCircuitsInit = Pick<
  OnionRelayInit,
  "identity" | "ntorKeys" | "primitives" | "clock" | "random" | "answerOffer"
>;

interface RelayCircuitsDeps {
  readonly memory: QueueMemory;
  /** Finds the link to a relay, which may have to be made. */
  readonly reach: (identity: Uint8Array) => MaybePromise<Link | undefined>;
  /** With it the relay is an exit. */
  readonly exit: ExitPorts | undefined;
  /** Why the relay's owner wants no circuit more, if that is so. */
  readonly refusal: () => DestroyReason | undefined;
}

/** The circuits of a relay: answers CREATE2, and ties each circuit to its links. */
export class RelayCircuits {
  readonly #init: RelayCircuitsInit;
  readonly #host: RelayCircuitHost;
  readonly #memory: QueueMemory;
  readonly #circuits = new Set<RelayCircuit>();
  readonly #refusal: RelayCircuitsDeps["refusal"];
  readonly #ends: ExitEnds;
  #handshakes = 0;
  #total = 0;
  #refused = 0;

  constructor(init: RelayCircuitsInit, { memory, reach, exit, refusal }: RelayCircuitsDeps) {
    this.#init = init;
    this.#memory = memory;
    this.#refusal = refusal;
    const signals = new SignalDesk(init.answerOffer, init.clock);
    this.#ends = new ExitEnds({ exit, signals, memory, clock: init.clock });
    this.#host = {
      clock: init.clock,
      random: init.random,
      memory,
      openNext: (identity, handler) =>
        mapMaybe(reach(identity), (link) =>
          link?.takesCircuits === true ? link.openCircuit(handler) : undefined,
        ),
      serve: (end, link) => this.#ends.take(end, link),
      ended: (circuit) => {
        if (this.#circuits.delete(circuit)) memory.subtract(CIRCUIT_BYTES);
      },
    };
  }

  [Symbol.iterator](): Iterator<RelayCircuit> {
    return this.#circuits.values();
  }

  /** Circuits that are carried now. */
  get count(): number {
    return this.#circuits.size;
  }

  /** Circuits since the start. */
  get total(): number {
    return this.#total;
  }

  /** Circuits that were refused since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Circuits that there were, with one more. */
  get wanted(): number {
    return this.#circuits.size + this.#handshakes + 1;
  }

  /** Gives back what circuits can do without. */
  spare(): void {
    this.#ends.spare();
  }

  /** A CREATE2 has come (SPEC §6.1). */
  readonly accept = (previous: LinkCircuit, request: CreateRequest): CircuitHandler | DestroyReason => {
    const isTooMuch = this.#handshakes >= MAX_HANDSHAKES || !this.#hasRoom;
    const refusal = isTooMuch ? "resource-limit" : this.#refusal();
    if (refusal !== undefined) {
      this.#refused += 1;
      return refusal;
    }
    const pending = new PendingCircuit(previous);
    void this.#create(pending, previous, request);
    return pending;
  };

  get #hasRoom(): boolean {
    return !this.#memory.isScarce && this.wanted * CIRCUIT_BYTES <= CIRCUITS_SHARE * this.#memory.bound;
  }

  async #create(pending: PendingCircuit, previous: LinkCircuit, request: CreateRequest): Promise<void> {
    this.#handshakes += 1;
    try {
      const { hdata, outbound, inbound } = await this.#answer(request);
      if (pending.isGone) return;
      const circuit = new RelayCircuit({ previous, outbound, inbound, host: this.#host });
      this.#circuits.add(circuit);
      this.#memory.add(CIRCUIT_BYTES);
      this.#total += 1;
      previous.send("CREATED2", encodeCreated2(hdata));
      pending.become(circuit);
      this.#memory.check();
    } catch (thrown) {
      pending.refuse(toTaborError(thrown, "relay", "answering CREATE2"));
    } finally {
      this.#handshakes -= 1;
    }
  }

  async #answer(request: CreateRequest): Promise<{ hdata: Uint8Array; outbound: Layer; inbound: Layer }> {
    if (request.htype !== HYBRID) throw new TaborError("protocol", "relay", "unknown handshake type");
    const { identity, ntorKeys, primitives } = this.#init;
    const own = { identity: identity.publicKey, ntorKeys };
    const keys = await answerCircuitHandshake(own, request.hdata, primitives.handshake);
    const [outbound, inbound] = await Promise.all([
      primitives.aead.importKey(keys.outbound),
      primitives.aead.importKey(keys.inbound),
    ]);
    keys.outbound.fill(0);
    keys.inbound.fill(0);
    return {
      hdata: keys.hdata,
      outbound: new Layer(outbound, keys.slot),
      inbound: new Layer(inbound, keys.slot),
    };
  }
}

/** A circuit's end on the link to its previous hop, before and after its handshake. */
class PendingCircuit implements CircuitHandler {
  readonly #previous: LinkCircuit;
  #circuit: RelayCircuit | undefined;
  #isGone = false;

  constructor(previous: LinkCircuit) {
    this.#previous = previous;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  become(circuit: RelayCircuit): void {
    this.#circuit = circuit;
  }

  refuse(error: TaborError): void {
    this.#isGone = true;
    this.#previous.destroy(destroyReasonFor(error));
  }

  relay(body: Uint8Array): void {
    if (this.#circuit !== undefined) this.#circuit.relay(body);
    else if (!this.#isGone) this.refuse(new TaborError("protocol", "relay", "RELAY before CREATED2"));
  }

  created(): void {
    const error = new TaborError("protocol", "relay", "CREATED2 towards a relay");
    if (this.#circuit === undefined) this.refuse(error);
    else this.#circuit.destroy(error);
  }

  destroyed(): void {
    this.#gone(new TaborError("closed", "relay", "the previous hop ended the circuit"));
  }

  linkClosed(reason: TaborError): void {
    this.#gone(reason);
  }

  #gone(error: TaborError): void {
    this.#isGone = true;
    this.#circuit?.previousGone(error);
  }
}
