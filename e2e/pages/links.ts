/** Two relays in one page that link to each other and part, again and again; the test asks for it by `window.linkAndPart`. */
import {
  generateDhKeyPair,
  generateSigningKey,
  OnionRelay,
  TaborError,
  webPrimitives,
  type DataChannel,
  type Log,
} from "@tabor/onion-core";
import { systemClock as clock, systemRandom as random } from "@tabor/platform";
import { browserRtcPlatform, connectAsInitiator, connectAsResponder } from "@tabor/rtc-link";

declare global {
  interface Window {
    /** @returns how many links of the relays are left after so many times. */
    linkAndPart(times: number): Promise<number>;
  }
}

const nothing = (): void => undefined;
const log: Log = { error: nothing, warn: nothing, info: nothing, debug: nothing, scoped: () => log };
const connection = { platform: browserRtcPlatform(), clock };

async function newRelay(): Promise<OnionRelay> {
  const { key: identity } = await generateSigningKey();
  const ntorKeys = await generateDhKeyPair();
  return new OnionRelay({ identity, ntorKeys, clock, random, log, primitives: webPrimitives });
}

async function channels(): Promise<[DataChannel, Promise<DataChannel>]> {
  let answered: Promise<DataChannel> | undefined;
  const offered = await connectAsInitiator({
    ...connection,
    exchange: async (offer) => {
      const { answer, channel } = await connectAsResponder({ ...connection, offer });
      answered = channel;
      return answer;
    },
  });
  if (answered === undefined) throw new Error("nobody answered");
  return [offered, answered];
}

const relays = Promise.all([newRelay(), newRelay()]);

window.linkAndPart = async (times) => {
  const [one, other] = await relays;
  for (let i = 0; i < times; i++) {
    const [offered, answered] = await channels();
    const links = await Promise.all([
      one.addChannel(offered, other.id),
      answered.then((channel) => other.addChannel(channel)),
    ]);
    // Each of them is now and then the one that ends it.
    links[i % 2]?.close(new TaborError("closed", "here", "the test parts them"));
    await Promise.all(links.map(({ closed }) => closed));
  }
  return one.linkCount + other.linkCount;
};
