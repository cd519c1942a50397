import { randomUUID } from "node:crypto";
import type { DataChannel } from "@tabor/onion-core";
import { systemClock } from "@tabor/platform";
import { connectAsInitiator, connectAsResponder } from "@tabor/rtc-link";
import { nodeRtcPlatform } from "@tabor/rtc-link/node";
import type { FromParent } from "./messages.ts";
import { onParent, tell } from "./parent.ts";

const platform = nodeRtcPlatform({ bindAddress: "127.0.0.1" });

/** Opens a data channel to another process of the measurement; the parent carries the two descriptions. */
export function dial(to: string): Promise<DataChannel> {
  const id = randomUUID();
  const exchange = (offer: string): Promise<string> =>
    new Promise((resolve) => {
      onParent("sdp", (message) => {
        if (message.kind === "answer" && message.id === id) resolve(message.sdp);
      });
      tell({ type: "sdp", to, kind: "offer", id, sdp: offer });
    });
  return connectAsInitiator({ platform, clock: systemClock, exchange });
}

/** Answers the others; `answered` gets each channel when it is open. */
export function answer(answered: (channel: DataChannel) => void): void {
  onParent("sdp", (message) => {
    // Who dialled tries again.
    if (message.kind === "offer") answerOffer(message, answered).catch(() => undefined);
  });
}

async function answerOffer(
  { from, id, sdp }: FromParent & { type: "sdp" },
  answered: (channel: DataChannel) => void,
): Promise<void> {
  const { answer: ours, channel } = await connectAsResponder({ platform, clock: systemClock, offer: sdp });
  tell({ type: "sdp", to: from, kind: "answer", id, sdp: ours });
  answered(await channel);
}
