import type { DataChannel } from "@tabor/onion-core";
import { systemClock } from "@tabor/platform";
import { connectAsInitiator, connectAsResponder, type RtcPlatform } from "@tabor/rtc-link";
import type { FromParent } from "./messages.ts";
import { onParent, tell } from "./parent.ts";

/** Data channels between the processes of a measurement; the one that runs it carries the two descriptions. */
export class Wire {
  readonly #platform: RtcPlatform;

  constructor(platform: RtcPlatform) {
    this.#platform = platform;
  }

  /** Opens a data channel to another process. */
  dial(to: string): Promise<DataChannel> {
    const id = crypto.randomUUID();
    const exchange = (offer: string): Promise<string> =>
      new Promise((resolve) => {
        onParent("sdp", (message) => {
          if (message.kind === "answer" && message.id === id) resolve(message.sdp);
        });
        tell({ type: "sdp", to, kind: "offer", id, sdp: offer });
      });
    return connectAsInitiator({ platform: this.#platform, clock: systemClock, exchange });
  }

  /** Answers the others; `answered` gets each channel when it is open. */
  answer(answered: (channel: DataChannel) => void): void {
    onParent("sdp", (message) => {
      // Who dialled tries again.
      if (message.kind === "offer") this.#answerOffer(message, answered).catch(() => undefined);
    });
  }

  async #answerOffer(
    { from, id, sdp }: FromParent & { type: "sdp" },
    answered: (channel: DataChannel) => void,
  ): Promise<void> {
    const options = { platform: this.#platform, clock: systemClock, offer: sdp };
    const { answer: ours, channel } = await connectAsResponder(options);
    tell({ type: "sdp", to: from, kind: "answer", id, sdp: ours });
    answered(await channel);
  }
}
