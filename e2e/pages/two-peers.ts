/** Connects two peers of the production bundle with each other; the test asks for it by `window.connectTwoPeers`. */
import type { DataChannel } from "@tabor/onion-core";
import { systemClock } from "@tabor/platform";
import { browserRtcPlatform, connectAsInitiator, connectAsResponder } from "@tabor/rtc-link";

declare global {
  interface Window {
    connectTwoPeers(message: number[]): Promise<TwoPeers>;
    /** Offered by the test: takes our offer to a peer outside the browser. */
    exchange(offer: string): Promise<string>;
    /** Connects to the peer outside; resolves with the first message that it sends. */
    initiate(): Promise<number[]>;
    /** Answers the peer outside. */
    respond(offer: string): Promise<string>;
    /** The first message of the peer that was answered. */
    received: Promise<number[]>;
  }
}

export interface TwoPeers {
  /** What the responder received. */
  readonly received: number[];
  /** Whether each side knows the other's certificate by the same fingerprint. */
  readonly fingerprintsAgree: boolean;
}

window.connectTwoPeers = async (message) => {
  const platform = browserRtcPlatform();
  let answered: Promise<DataChannel> | undefined;
  const initiator = await connectAsInitiator({
    platform,
    clock: systemClock,
    exchange: async (offer) => {
      const { answer, channel } = await connectAsResponder({ platform, clock: systemClock, offer });
      answered = channel;
      return answer;
    },
  });
  const responder = await answered;
  if (responder === undefined) throw new Error("nobody answered");
  const received = nextMessage(responder);
  initiator.send(Uint8Array.from(message));
  return {
    received: Array.from(await received),
    fingerprintsAgree:
      String(initiator.fingerprints.local) === String(responder.fingerprints.remote) &&
      String(initiator.fingerprints.remote) === String(responder.fingerprints.local),
  };
};

const local = { platform: browserRtcPlatform(), clock: systemClock };

window.initiate = async () => {
  const channel = await connectAsInitiator({ ...local, exchange: window.exchange });
  return Array.from(await nextMessage(channel));
};

window.respond = async (offer) => {
  const { answer, channel } = await connectAsResponder({ ...local, offer });
  window.received = channel.then(nextMessage).then((bytes) => Array.from(bytes));
  return answer;
};

function nextMessage(channel: DataChannel): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    channel.receive({
      message: resolve,
      drained: () => undefined,
      closed: (reason) => reject(new Error(reason)),
    });
  });
}
