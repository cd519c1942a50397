import { readdirSync } from "node:fs";
import { type DataChannel, MAX_MESSAGE_LENGTH } from "@tabor/onion-core";
import { VirtualClock } from "@tabor/onion-core/testing";
import type SimplePeer from "simple-peer";
import Peer from "simple-peer/simplepeer.min.js";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { connectAsInitiator, connectAsResponder } from "./connect.ts";
import { endNodeRtc, nodeRtcPlatform } from "../node.ts";
import { splitCandidates } from "./session-description.ts";
import { connectedPair } from "../testing/connected-pair.ts";

const platform = nodeRtcPlatform({ bindAddress: "127.0.0.1" });
let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});
afterAll(endNodeRtc);

function failing(code: string): Error {
  return expect.objectContaining({ name: "TaborError", code }) as Error;
}

const never = (): Promise<never> => new Promise(() => undefined);

/** The reason with which a channel ends; everything else is ignored. */
function ended(channel: DataChannel): Promise<string> {
  return new Promise((closed) => {
    channel.receive({ message: () => undefined, drained: () => undefined, closed });
  });
}

/** Connects a peer that does as it pleases to a responder of ours. */
async function hostileInitiator(): Promise<{ hostile: SimplePeer.Instance; channel: DataChannel }> {
  const hostile = new Peer({
    initiator: true,
    trickle: false,
    wrtc: platform.wrtc,
    config: { iceServers: [] },
  });
  hostile.on("error", () => undefined);
  const offer = await new Promise<SimplePeer.SignalData>((resolve) => hostile.once("signal", resolve));
  const sdp = "sdp" in offer ? (offer.sdp ?? "") : "";
  const { answer, channel } = await connectAsResponder({ platform, clock, offer: sdp });
  hostile.signal({ type: "answer", sdp: answer });
  const connected = new Promise<void>((resolve) => hostile.once("connect", resolve));
  await connected;
  return { hostile, channel: await channel };
}

describe("connecting", () => {
  test("works when the responder has to find the way, a little later", async () => {
    let channel: Promise<DataChannel> | undefined;
    const initiator = connectAsInitiator({
      platform,
      clock,
      exchange: async (offer) => {
        const responder = await connectAsResponder({ platform, clock, offer });
        ({ channel } = responder);
        return splitCandidates(responder.answer).description;
      },
    });
    await expect.poll(() => channel !== undefined).toBe(true);
    await clock.advance(500);
    await Promise.all([initiator, channel]);
  });

  test("leaves the way to the initiator at first, which finds it in no time that counts", async () => {
    const { a, b } = await connectedPair({ platform, clock });
    expect(clock.monotonic()).toBe(0);
    a.close();
    b.close();
  });

  test("ends when its time is over", async () => {
    const connecting = connectAsInitiator({ platform, clock, exchange: never });
    const failed = expect(connecting).rejects.toEqual(failing("timeout"));
    await clock.advance(20_000);
    await failed;
  });

  test("ends when it is withdrawn, before and during the exchange", async () => {
    const early = connectAsInitiator({ platform, clock, exchange: never, signal: AbortSignal.abort() });
    await expect(early).rejects.toEqual(failing("aborted"));
    const controller = new AbortController();
    const exchange = (): Promise<never> => {
      controller.abort();
      return never();
    };
    const late = connectAsInitiator({ platform, clock, exchange, signal: controller.signal });
    await expect(late).rejects.toEqual(failing("aborted"));
  });

  test("of a responder ends when the initiator never comes", async () => {
    let channel: Promise<DataChannel> | undefined;
    const initiator = connectAsInitiator({
      platform,
      clock,
      exchange: async (offer) => {
        ({ channel } = await connectAsResponder({ platform, clock, offer }));
        throw new Error("given up");
      },
    });
    await expect(initiator).rejects.toThrow("given up");
    const failed = expect(channel).rejects.toEqual(failing("timeout"));
    await clock.advance(20_000);
    await failed;
  });

  test.each([
    ["an empty one", () => ""],
    [
      "one with a second fingerprint",
      (offer: string) => offer.replace(/(a=fingerprint.*)(..)\r\n/, "$1$2\r\n$100\r\n"),
    ],
    ["one without a fingerprint", (offer: string) => offer.replace(/a=fingerprint.*\r\n/, "")],
  ])("refuses an answer: %s", async (_, answer) => {
    const connecting = connectAsInitiator({
      platform,
      clock,
      exchange: (offer) => Promise.resolve(answer(offer)),
    });
    await expect(connecting).rejects.toEqual(expect.objectContaining({ name: "TaborError" }));
  });

  test.each(["", "v=0", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"])(
    "refuses an offer %j",
    async (offer) => {
      await expect(connectAsResponder({ platform, clock, offer })).rejects.toEqual(failing("malformed"));
    },
  );

  test("fails when the fingerprint in the answer is not the peer's", async () => {
    let channel: Promise<DataChannel> | undefined;
    const connecting = connectAsInitiator({
      platform,
      clock,
      exchange: async (offer) => {
        const responder = await connectAsResponder({ platform, clock, offer });
        ({ channel } = responder);
        return responder.answer.replace(
          /(a=fingerprint:sha-256 )(..)/,
          (_, start: string, byte: string) => start + (byte === "00" ? "01" : "00"),
        );
      },
    });
    await expect(connecting).rejects.toEqual(failing("unreachable"));
    await expect(channel).rejects.toEqual(failing("unreachable"));
  });
});

describe("a peer's misuse closes the channel", () => {
  test.each([
    ["text", "hello"],
    ["a message that is too long", new Uint8Array(MAX_MESSAGE_LENGTH + 1)],
  ])("%s", async (_, message) => {
    const { hostile, channel } = await hostileInitiator();
    const reason = ended(channel);
    hostile.send(message);
    await expect(reason).resolves.toBe("the peer sent a message that is not of 1…16384 bytes");
  });

  test("a second data channel", async () => {
    const { hostile, channel } = await hostileInitiator();
    const reason = ended(channel);
    const { _pc: connection } = hostile as unknown as { _pc: RTCPeerConnection };
    connection.createDataChannel("another");
    await expect(reason).resolves.toBe("the connection failed");
  });

  test("a connection that breaks off", async () => {
    const { hostile, channel } = await hostileInitiator();
    const reason = ended(channel);
    hostile.destroy();
    await reason;
  });

  test("no answer to our goodbye: it is closed all the same", async () => {
    const { hostile, channel } = await hostileInitiator();
    const reason = ended(channel);
    channel.close();
    await clock.advance(5000);
    await expect(reason).resolves.toBe("closed here");
    hostile.destroy();
  });
});

test("200 channels, opened and closed, leave nothing behind", async () => {
  const cycle = async (): Promise<void> => {
    const { a, b } = await connectedPair({ platform, clock });
    const ends = [ended(a), ended(b)];
    a.close();
    await Promise.all(ends);
  };
  const tenAtOnce = (): Promise<unknown> => Promise.all(Array.from({ length: 10 }, cycle));
  await tenAtOnce();
  await expect.poll(() => clock.waiting).toBe(0);
  const before = openFiles();
  for (let i = 0; i < 20; i++) await tenAtOnce();
  await expect.poll(openFiles, { timeout: 10_000 }).toBeLessThanOrEqual(before);
  expect(clock.waiting).toBe(0);
}, 60_000);

/** Sockets of connections among them. */
function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}
