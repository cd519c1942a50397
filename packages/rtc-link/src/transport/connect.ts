import { Attempt, type ConnectOptions } from "./attempt.ts";
import type { RoutedChannel } from "./link-route.ts";
import { certificateFingerprint, checkSessionDescription, splitCandidates } from "./session-description.ts";

/**
 * How long a responder leaves it to the initiator to find the way, in milliseconds from the answer. If it tried at
 * once, ICE would connect before the answer is back, and DTLS would begin with an initiator that does not know whom to
 * expect: its first message is lost and sent again a second later, or libdatachannel 0.24 gives up altogether. A
 * responder that cannot be reached from outside must try too; it begins after this time.
 */
const HOLD_MS = 500;

export interface InitiatorOptions extends ConnectOptions {
  /** Takes our offer to the peer and brings its answer; both are SDP with all candidates (SPEC §9.4). */
  readonly exchange: (offer: string) => Promise<string>;
}

export interface ResponderOptions extends ConnectOptions {
  readonly offer: string;
}

/** @throws unreachable, timeout, aborted, malformed for an answer that is none, or what `exchange` throws. */
export function connectAsInitiator({ exchange, ...options }: InitiatorOptions): Promise<RoutedChannel> {
  const attempt = new Attempt(options, "initiator");
  return attempt.until("the connection", async () => {
    const offer = await attempt.localDescription;
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
}: ResponderOptions): Promise<{ readonly answer: string; readonly channel: Promise<RoutedChannel> }> {
  // Before anything is spent on it.
  checkSessionDescription(offer);
  certificateFingerprint(offer);
  const { description, candidates } = splitCandidates(offer);
  const attempt = new Attempt(options, "responder");
  const answer = await attempt.until("our own answer", () => {
    attempt.accept({ type: "offer", sdp: description });
    return attempt.localDescription;
  });
  const cancelHold = options.clock.after(HOLD_MS, () => {
    attempt.tryCandidates(candidates);
  });
  const channel = attempt.until("the connection", () => attempt.opened).finally(cancelHold);
  // It fails for its caller, who may have given up; not for the process.
  channel.catch(() => undefined);
  return { answer, channel };
}
