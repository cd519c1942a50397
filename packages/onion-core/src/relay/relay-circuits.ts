import type { OnionRelayInit } from "./onion-relay.ts";
import { destroyReasonFor } from "../circuit/outcome.ts";
import { RelayCircuit, type RelayCircuitHost } from "../circuit/relay-circuit.ts";
import { encodeCreated2, type CreateRequest, type DestroyReason } from "../cell/control.ts";
import { answerCircuitHandshake, HYBRID } from "../handshake/circuit-handshake.ts";
import { Layer } from "../crypto/layer.ts";
import { TaborError, toTaborError } from "../errors.ts";
import type { Link } from "../link/link.ts";
import type { CircuitHandler, LinkCircuit } from "../link/link-circuit.ts";
import { ExitStreams } from "../stream/exit-streams.ts";

/** SPEC §11. */
const MAX_HANDSHAKES = 256;

/** The circuits of a relay: answers CREATE2, and ties each circuit to its links. */
export class RelayCircuits {
  readonly #init: OnionRelayInit;
  readonly #host: RelayCircuitHost;
  readonly #circuits = new Set<RelayCircuit>();
  #handshakes = 0;
  #total = 0;

  /** @param linkTo finds the standing link to a relay. */
  constructor(init: OnionRelayInit, linkTo: (identity: Uint8Array) => Link | undefined) {
    this.#init = init;
    this.#host = {
      clock: init.clock,
      openNext: (identity, handler) => {
        const link = linkTo(identity);
        return link?.takesCircuits === true ? link.openCircuit(handler) : undefined;
      },
      serve: (end) => new ExitStreams(end, init.exit),
      ended: (circuit) => this.#circuits.delete(circuit),
    };
  }

  /** Circuits that are carried now. */
  get count(): number {
    return this.#circuits.size;
  }

  /** Circuits since the start. */
  get total(): number {
    return this.#total;
  }

  /** A CREATE2 has come (SPEC §6.1). */
  readonly accept = (previous: LinkCircuit, request: CreateRequest): CircuitHandler | DestroyReason => {
    if (this.#handshakes >= MAX_HANDSHAKES) return "resource-limit";
    const pending = new PendingCircuit(previous);
    void this.#create(pending, previous, request);
    return pending;
  };

  async #create(pending: PendingCircuit, previous: LinkCircuit, request: CreateRequest): Promise<void> {
    this.#handshakes += 1;
    try {
      const { hdata, outbound, inbound } = await this.#answer(request);
      if (pending.isGone) return;
      const circuit = new RelayCircuit({ previous, outbound, inbound, host: this.#host });
      this.#circuits.add(circuit);
      this.#total += 1;
      previous.send("CREATED2", encodeCreated2(hdata));
      pending.become(circuit);
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
