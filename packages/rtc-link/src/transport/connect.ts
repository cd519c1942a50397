import type { DataChannel } from "@tabor/onion-core";
import { Attempt, type ConnectOptions, isDescriptionRefused } from "./attempt.ts";
import { asDtlsClient, certificateFingerprint, checkSessionDescription } from "./session-description.ts";

export interface InitiatorOptions extends ConnectOptions {
  /** Takes an offer to the peer and brings its answer; both are SDP with all candidates (SPEC §9.4). Now and then it
   *  is called again, with another offer. */
  readonly exchange: (offer: string) => Promise<string>;
}

export interface ResponderOptions extends ConnectOptions {
  readonly offer: string;
}

/**
 * How many offers are made when WebRTC refuses the answer. libdatachannel 0.24 sometimes does so over very fast
 * networks: it starts DTLS before it has noted the fingerprint to expect, and fails if the peer is quicker than that.
 */
const MAX_OFFERS = 3;

/** @throws unreachable, timeout, aborted, malformed for an answer that is none, or what `exchange` throws. */
export async function connectAsInitiator(options: InitiatorOptions): Promise<DataChannel> {
  const began = options.clock.monotonic();
  for (let offers = 1; ; offers++) {
    try {
      return await offerOnce(options, began);
    } catch (thrown) {
      if (offers === MAX_OFFERS || !isDescriptionRefused(thrown)) throw thrown;
    }
  }
}

function offerOnce({ exchange, ...options }: InitiatorOptions, began: number): Promise<DataChannel> {
  const attempt = new Attempt(options, "initiator", began);
  return attempt.until("the connection", async () => {
    const offer = asDtlsClient(await attempt.localDescription);
    attempt.accept({ type: "answer", sdp: await exchange(offer) });
    return attempt.opened;
  });
}

/**
 * Answers one offer. The channel opens once the answer has reached the initiator.
 * @throws malformed for an offer that is none, unreachable, timeout or aborted; so does `channel`.
 */
export async function connectAsResponder({
  offer,
  ...options
}: ResponderOptions): Promise<{ readonly answer: string; readonly channel: Promise<DataChannel> }> {
  // Before anything is spent on it.
  checkSessionDescription(offer);
  certificateFingerprint(offer);
  const attempt = new Attempt(options, "responder");
  const answer = await attempt.until("our own answer", () => {
    attempt.accept({ type: "offer", sdp: offer });
    return attempt.localDescription;
  });
  const channel = attempt.until("the connection", () => attempt.opened);
  // It fails for its caller, who may have given up; not for the process.
  channel.catch(() => undefined);
  return { answer, channel };
}
