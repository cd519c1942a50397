import type { DataChannel } from "@tabor/onion-core";
import type { ConnectOptions } from "../transport/attempt.ts";
import { connectAsInitiator, connectAsResponder } from "../transport/connect.ts";

/** Both ends of one channel between two peers of this process; the descriptions go from hand to hand. */
export async function connectedPair(
  options: ConnectOptions,
): Promise<{ readonly a: DataChannel; readonly b: DataChannel }> {
  let responder: Promise<DataChannel> | undefined;
  const a = await connectAsInitiator({
    ...options,
    exchange: async (offer) => {
      const { answer, channel } = await connectAsResponder({ ...options, offer });
      responder = channel;
      return answer;
    },
  });
  if (responder === undefined) throw new Error("connected without an exchange");
  return { a, b: await responder };
}
