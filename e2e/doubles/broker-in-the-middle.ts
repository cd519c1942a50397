import type { DataChannel, WebDhKeyPair, RelayId } from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import { connectAsInitiator, connectAsResponder } from "@tabor/rtc-link";
import { nodeRtcPlatform } from "@tabor/rtc-link/node";
import { type IncomingSignal, roleOf } from "@tabor/signal-protocol";
import {
  type Envelope,
  type OfferId,
  openOffer,
  readEnvelope,
  type SealedOffer,
  sealOffer,
} from "../../packages/rtc-link/src/signalling/sealed-description.ts";
import type { BrokersHands, LyingBroker } from "./directory.ts";

/**
 * The worst broker: it has stolen the relays' signal keys, so that sealing does not stop it. It answers a client in
 * the relay's place, dials the relay in the client's, with DTLS certificates of its own on both sides, and carries
 * every message. Only the relays' identity keys are not its own.
 */
export class BrokerInTheMiddle {
  /** Messages carried between client and relay. */
  carried = 0;
  readonly #platform = nodeRtcPlatform();
  readonly #waiting = new Map<OfferId, (answer: Envelope) => void>();
  readonly #stolen = new Map<RelayId, WebDhKeyPair>();

  /** From now on, a client that dials this relay gets us. */
  steal(relay: RelayId, signalKeys: WebDhKeyPair): void {
    this.#stolen.set(relay, signalKeys);
  }

  readonly broker: LyingBroker = (signal, hands) => {
    const envelope = readEnvelope(signal.blob);
    const answered = this.#waiting.get(envelope.id);
    if (answered !== undefined) answered(envelope);
    else if (envelope.type === "offer" && roleOf(signal.from) === "client") void this.#between(signal, hands);
    else hands.deliver(signal);
  };

  async #between(signal: IncomingSignal, hands: BrokersHands): Promise<void> {
    const local = { platform: this.#platform, clock: systemClock };
    const { relay, signalKeys, opened } = await this.#open(readEnvelope(signal.blob));
    const toClient = await connectAsResponder({ ...local, offer: opened.sdp });
    const toRelay = await connectAsInitiator({
      ...local,
      exchange: async (sdp) => this.#ask(await sealOffer(sdp, relay, signalKeys.publicKey), signal, hands),
    });
    hands.reply(await opened.seal({ type: "answer", sdp: toClient.answer }));
    this.#join(await toClient.channel, toRelay);
  }

  /** With the key of whichever relay it was sealed to. */
  async #open(offer: Envelope) {
    const tries = [...this.#stolen].map(async ([relay, signalKeys]) => {
      const opened = await openOffer(offer, { relay, keys: signalKeys, random: systemRandom });
      return { relay, signalKeys, opened };
    });
    return Promise.any(tries);
  }

  /** Gives the relay our offer in the place of the client's. @returns the SDP of its answer. */
  async #ask(offer: SealedOffer, { from }: IncomingSignal, { deliver }: BrokersHands): Promise<string> {
    const answered = new Promise<Envelope>((resolve) => this.#waiting.set(offer.id, resolve));
    deliver({ from, blob: offer.blob });
    const reply = await offer.open(await answered);
    if (reply.type !== "answer") throw new Error(`the relay refused: ${reply.reason}`);
    return reply.sdp;
  }

  #join(a: DataChannel, b: DataChannel): void {
    const carry = (from: DataChannel, to: DataChannel): void =>
      from.receive({
        message: (bytes) => {
          this.carried += 1;
          to.send(bytes);
        },
        drained: () => undefined,
        closed: () => to.close(),
      });
    carry(a, b);
    carry(b, a);
  }
}
