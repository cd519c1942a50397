import {
  type Cancel,
  type DataChannel,
  type WebDhKeyPair,
  type Log,
  type Random,
  type RelayId,
  type Signalled,
  TaborError,
  toTaborError,
} from "@tabor/onion-core";
import type { IncomingSignal } from "@tabor/signal-protocol";
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

/** The way on which an offer came, and on which the reply goes back. */
interface WayBack {
  readonly by: keyof Signalled;
  readonly reply: (blob: Uint8Array) => Promise<void>;
}

/** Offers being answered at a time (SPEC §11). */
const MAX_ANSWERING = 32;
/** Refusals being sealed at a time; what comes beyond is dropped, for whoever floods needs no answer. */
const MAX_REFUSING = 32;
/** Offers remembered, so that a repeated one is ignored. */
const MAX_REMEMBERED = 4096;

/** Answers offers that come from the broker or through the mesh, or refuses them when it has enough to do (SPEC §9.4). */
export class OfferResponder {
  readonly #options: OfferResponderOptions;
  readonly #unsubscribe: Cancel;
  readonly #seen = new Set<OfferId>();
  /** One for each offer that is being answered, to give it up with. */
  readonly #answering = new Set<AbortController>();
  readonly #answered = { broker: 0, mesh: 0 };
  #refusing = 0;
  #isClosed = false;

  /** Starts at once. */
  constructor(options: OfferResponderOptions) {
    this.#options = options;
    this.#unsubscribe = options.broker.onSignal((signal) => {
      this.#receive(signal);
    });
  }

  /** How the offers came that became connections, since the start. */
  get answered(): Signalled {
    return { ...this.#answered };
  }

  /** One that came through the mesh. @returns the reply. @throws unless there is one. */
  answer(offer: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const reply = (blob: Uint8Array): Promise<void> => {
        resolve(blob);
        return Promise.resolve();
      };
      void this.#take(offer, { by: "mesh", reply }).then(() => {
        // Does nothing after a reply.
        reject(new TaborError("refused", "here", "an offer that is not answered"));
      });
    });
  }

  /** Answers no more, and gives up what is under way; open channels stay. */
  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
    for (const attempt of this.#answering) attempt.abort();
  }

  #receive({ from, blob }: IncomingSignal): void {
    const reply = (answer: Uint8Array): Promise<void> => this.#options.broker.signal(from, answer);
    void this.#take(blob, { by: "broker", reply });
  }

  /** Never throws: resolves when it is done with the offer, answered or not. */
  async #take(blob: Uint8Array, back: WayBack): Promise<void> {
    const offer = envelopeIn(blob);
    if (this.#isClosed || offer?.type !== "offer" || this.#isRepeated(offer.id)) return;
    if (this.#hasRoom()) await this.#answer(offer, back);
    else if (this.#refusing < MAX_REFUSING) await this.#refuse(offer, back);
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

  async #answer(offer: Envelope, { by, reply }: WayBack): Promise<void> {
    const { connector, accept } = this.#options;
    const attempt = new AbortController();
    this.#answering.add(attempt);
    try {
      const opened = await this.#open(offer);
      const { answer, channel } = await connector.respond(opened.sdp, attempt.signal);
      await reply(await opened.seal({ type: "answer", sdp: answer }));
      await accept(await channel);
      this.#answered[by] += 1;
    } catch (error) {
      // Whatever it failed of, a connection that was begun ends with it.
      attempt.abort();
      this.#report(error);
    } finally {
      this.#answering.delete(attempt);
    }
  }

  async #refuse(offer: Envelope, { reply }: WayBack): Promise<void> {
    this.#refusing++;
    try {
      const opened = await this.#open(offer);
      await reply(await opened.seal({ type: "refusal", reason: "busy" }));
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
