import {
  type Cancel,
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
  readonly reply: (envelope: Envelope) => void;
}

/** Dials relays through the broker, which sees that, and nothing of what is said (SPEC §9.4). */
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

  async dial(relay: RelayEntry, signal: AbortSignal): Promise<DataChannel> {
    try {
      return await this.#options.connector.initiate((sdp) => this.#exchange(sdp, relay, signal), signal);
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

  async #exchange(sdp: string, { descriptor }: RelayEntry, signal: AbortSignal): Promise<string> {
    const { broker, clock } = this.#options;
    const relay = relayAddress(descriptor.identity);
    const offer = await sealOffer(sdp, descriptor.identity, descriptor.signalKey);
    const replied = new Promise<Envelope>((reply) => this.#waiting.set(offer.id, { relay, reply }));
    try {
      await broker.signal(relay, offer.blob);
      const what = "the relay's answer";
      const envelope = await within(replied, { clock, ms: ANSWER_DEADLINE, where: "relay", what, signal });
      return sdpOf(await offer.open(envelope));
    } finally {
      this.#waiting.delete(offer.id);
    }
  }

  /**
   * Only the first reply to an offer counts. A forged one thus ends the attempt: nobody but the broker could have
   * sent it, who could as well have kept the answer, and so the reason comes to light.
   */
  #receive({ from, blob }: IncomingSignal): void {
    const envelope = envelopeIn(blob);
    if (envelope === undefined || envelope.type === "offer") return;
    const waiting = this.#waiting.get(envelope.id);
    if (waiting?.relay === from) waiting.reply(envelope);
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
