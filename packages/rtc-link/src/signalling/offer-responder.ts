import {
  type Cancel,
  type DataChannel,
  type WebDhKeyPair,
  type Log,
  type Random,
  type RelayId,
  toTaborError,
} from "@tabor/onion-core";
import type { IncomingSignal, PeerAddress } from "@tabor/signal-protocol";
import type { Broker, Connector } from "./broker.ts";
import { envelopeIn } from "./broker-dialer.ts";
import { type Envelope, type OfferId, type OpenedOffer, openOffer } from "./sealed-description.ts";

export interface OfferResponderOptions {
  readonly broker: Broker;
  readonly connector: Connector;
  /** This relay. */
  readonly relay: RelayId;
  /** What offers are sealed to; the public key is in the relay's descriptor. */
  readonly signalKeys: WebDhKeyPair;
  readonly random: Random;
  readonly log: Log;
  /** How many links the relay has now, and may have (SPEC §11). */
  readonly linkCount: () => number;
  readonly maxLinks: number;
  /** Makes a link of each channel. Settles when that is done or has failed: until then the offer is being answered. */
  readonly accept: (channel: DataChannel) => Promise<unknown>;
}

/** Offers being answered at a time (SPEC §11). */
const MAX_ANSWERING = 32;
/** Refusals being sealed at a time; what comes beyond is dropped, for whoever floods needs no answer. */
const MAX_REFUSING = 32;
/** Offers remembered, so that a repeated one is ignored. */
const MAX_REMEMBERED = 4096;

/** A relay's ear at the broker: answers offers, or refuses them when it has enough to do (SPEC §9.4). */
export class OfferResponder {
  readonly #options: OfferResponderOptions;
  readonly #unsubscribe: Cancel;
  readonly #seen = new Set<OfferId>();
  /** One for each offer that is being answered, to give it up with. */
  readonly #answering = new Set<AbortController>();
  #refusing = 0;

  /** Starts at once. */
  constructor(options: OfferResponderOptions) {
    this.#options = options;
    this.#unsubscribe = options.broker.onSignal((signal) => {
      this.#receive(signal);
    });
  }

  /** Answers no more, and gives up what is under way; open channels stay. */
  close(): void {
    this.#unsubscribe();
    for (const attempt of this.#answering) attempt.abort();
  }

  #receive({ from, blob }: IncomingSignal): void {
    const offer = envelopeIn(blob);
    if (offer?.type !== "offer" || this.#isRepeated(offer.id)) return;
    if (this.#hasRoom()) void this.#answer(from, offer);
    else if (this.#refusing < MAX_REFUSING) void this.#refuse(from, offer);
  }

  #hasRoom(): boolean {
    const { linkCount, maxLinks } = this.#options;
    return this.#answering.size < MAX_ANSWERING && linkCount() + this.#answering.size < maxLinks;
  }

  #isRepeated(id: OfferId): boolean {
    if (this.#seen.has(id)) return true;
    this.#seen.add(id);
    const [oldest] = this.#seen;
    if (this.#seen.size > MAX_REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
    return false;
  }

  async #answer(to: PeerAddress, offer: Envelope): Promise<void> {
    const { broker, connector, accept } = this.#options;
    const attempt = new AbortController();
    this.#answering.add(attempt);
    try {
      const opened = await this.#open(offer);
      const { answer, channel } = await connector.respond(opened.sdp, attempt.signal);
      await broker.signal(to, await opened.seal({ type: "answer", sdp: answer }));
      await accept(await channel);
    } catch (error) {
      // Whatever it failed of, a connection that was begun ends with it.
      attempt.abort();
      this.#report(error);
    } finally {
      this.#answering.delete(attempt);
    }
  }

  async #refuse(to: PeerAddress, offer: Envelope): Promise<void> {
    this.#refusing++;
    try {
      const opened = await this.#open(offer);
      await this.#options.broker.signal(to, await opened.seal({ type: "refusal", reason: "busy" }));
    } catch (error) {
      this.#report(error);
    } finally {
      this.#refusing--;
    }
  }

  #open(offer: Envelope): Promise<OpenedOffer> {
    const { relay, signalKeys, random } = this.#options;
    return openOffer(offer, { relay, keys: signalKeys, random });
  }

  #report(error: unknown): void {
    const { code } = toTaborError(error, "link", "answering an offer");
    this.#options.log.debug("an offer came to nothing", { code });
  }
}
