import {
  type Cancel,
  type CarryOffer,
  type ChannelDialer,
  type Clock,
  type DataChannel,
  type RelayEntry,
  TaborError,
  toTaborError,
} from "@tabor/onion-core";
import { type IncomingSignal, type PeerAddress, relayAddress } from "@tabor/signal-protocol";
import type { Broker, Connector } from "./broker.ts";
import { within } from "./deadline.ts";
import { type Envelope, type OfferId, readEnvelope, type Reply, sealOffer } from "./sealed-description.ts";

export interface BrokerDialerOptions {
  readonly broker: Broker;
  readonly connector: Connector;
  readonly clock: Clock;
}

/** Milliseconds until the relay must have answered. */
const ANSWER_DEADLINE = 10_000;

interface WaitingOffer {
  readonly relay: PeerAddress;
  readonly reply: (blob: Uint8Array) => void;
}

/**
 * Dials relays through the broker, which sees that, and nothing of what is said (SPEC §9.4), or through whatever else carries the
 * sealed offer.
 */
export class BrokerDialer implements ChannelDialer {
  readonly #options: BrokerDialerOptions;
  readonly #waiting = new Map<OfferId, WaitingOffer>();
  readonly #unsubscribe: Cancel;

  constructor(options: BrokerDialerOptions) {
    this.#options = options;
    this.#unsubscribe = options.broker.onSignal((signal) => {
      this.#receive(signal);
    });
  }

  async dial(relay: RelayEntry, signal: AbortSignal, carry: CarryOffer = this.#broker): Promise<DataChannel> {
    const exchange = async (sdp: string): Promise<string> => {
      const { identity, signalKey } = relay.descriptor;
      const offer = await sealOffer(sdp, identity, signalKey);
      return sdpOf(await offer.open(readEnvelope(await carry(relay, offer.blob, signal))));
    };
    try {
      return await this.#options.connector.initiate(exchange, signal);
    } catch (error) {
      const failure = toTaborError(error, "link", "dialling");
      if (failure.code !== "closed") throw failure;
      throw new TaborError("unreachable", failure.where, failure.message, { cause: failure });
    }
  }

  /** Hears no answers any more. */
  close(): void {
    this.#unsubscribe();
  }

  readonly #broker: CarryOffer = async ({ descriptor }, offer, signal) => {
    const { broker, clock } = this.#options;
    const relay = relayAddress(descriptor.identity);
    const { id } = readEnvelope(offer);
    const replied = new Promise<Uint8Array>((reply) => this.#waiting.set(id, { relay, reply }));
    try {
      await broker.signal(relay, offer);
      const what = "the relay's answer";
      return await within(replied, { clock, ms: ANSWER_DEADLINE, where: "relay", what, signal });
    } finally {
      this.#waiting.delete(id);
    }
  };

  /**
   * Only the first reply to an offer counts. A forged one thus ends the attempt: nobody but the broker could have
   * sent it, who could as well have kept the answer, and so the reason comes to light.
   */
  #receive({ from, blob }: IncomingSignal): void {
    const envelope = envelopeIn(blob);
    if (envelope === undefined || envelope.type === "offer") return;
    const waiting = this.#waiting.get(envelope.id);
    if (waiting?.relay === from) waiting.reply(blob);
  }
}

function sdpOf(reply: Reply): string {
  if (reply.type === "answer") return reply.sdp;
  switch (reply.reason) {
    case "busy":
      throw new TaborError("resource-limit", "relay", "the relay is busy");
    case "unwanted":
      throw new TaborError("unreachable", "relay", "the relay does not want this connection");
  }
}

/** Blobs come from anyone: what is no envelope is dropped, and costs nobody anything. */
export function envelopeIn(blob: Uint8Array): Envelope | undefined {
  try {
    return readEnvelope(blob);
  } catch {
    return undefined;
  }
}
