import {
  type CarryOffer,
  type DataChannel,
  generateDhKeyPair,
  type RelayEntry,
  silentLog,
  type TaborError,
} from "@tabor/onion-core";
import { SeededRandom, testEntry, VirtualClock } from "@tabor/onion-core/testing";
import { clientAddress, type IncomingSignal, relayAddress } from "@tabor/signal-protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { BrokerDialer } from "./broker-dialer.ts";
import { OfferResponder } from "./offer-responder.ts";
import { openOffer, readEnvelope } from "./sealed-description.ts";
import { MemoryBroker } from "../testing/memory-broker.ts";
import { MemoryConnector } from "../testing/memory-connector.ts";

const CLIENT = clientAddress(new Uint8Array(16).fill(1));
const random = new SeededRandom(1);

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: unknown) => (error as TaborError).code,
  );

async function scenario({ maxLinks = 100 } = {}) {
  const clock = new VirtualClock();
  const broker = new MemoryBroker(clock);
  const connector = new MemoryConnector(clock);
  const keys = await generateDhKeyPair();
  const entry: RelayEntry = testEntry(1, { descriptor: { signalKey: keys.publicKey } });
  const relay = entry.descriptor.identity;
  const accepted: DataChannel[] = [];
  const pending: (() => void)[] = [];
  let isHolding = false;
  const responder = new OfferResponder({
    broker: broker.join(relayAddress(relay)),
    connector,
    relay,
    signalKeys: keys,
    random,
    log: silentLog,
    linkCount: () => accepted.length,
    maxLinks,
    accept: async (channel) => {
      if (isHolding) await new Promise<void>((resolve) => pending.push(resolve));
      accepted.push(channel);
    },
  });
  const dialer = new BrokerDialer({ broker: broker.join(CLIENT), connector, clock });
  return {
    ...{ clock, broker, connector, keys, entry, relay, accepted, responder, dialer },
    dial: (signal = new AbortController().signal) => dialer.dial(entry, signal),
    /** Channels wait for their link handshake until released. */
    hold: () => {
      isHolding = true;
      return () => {
        for (const release of pending) release();
      };
    },
  };
}

let s: Awaited<ReturnType<typeof scenario>>;

beforeEach(async () => {
  s = await scenario();
});

/** With its last byte changed. */
const change = (blob: Uint8Array): Uint8Array => blob.with(-1, (blob.at(-1) ?? 0) ^ 1);

describe("dialing through the broker", () => {
  it("opens a channel that both hold an end of", async () => {
    const mine = await s.clock.until(s.dial());
    await s.clock.settle();
    const [theirs] = s.accepted;
    const received = new Promise((resolve) => {
      theirs?.receive({ message: resolve, drained: () => undefined, closed: () => undefined });
    });
    mine.send(Uint8Array.of(1, 2, 3));
    expect(await s.clock.until(received)).toEqual(Uint8Array.of(1, 2, 3));
    expect(s.clock.waiting).toBe(0);
  });

  it("keeps several dials apart", async () => {
    const channels = await s.clock.until(Promise.all([s.dial(), s.dial(), s.dial()]));
    await s.clock.settle();
    expect(new Set(channels).size).toBe(3);
    expect(s.accepted).toHaveLength(3);
  });

  it("fails when nobody answers, by a deadline that leaves nothing behind", async () => {
    s.responder.close();
    expect(await s.clock.until(codeOf(s.dial()))).toBe("timeout");
    expect(s.clock.waiting).toBe(0);
  });

  it("fails when the broker knows no such relay", async () => {
    s.broker.leave(relayAddress(s.relay));
    expect(await s.clock.until(codeOf(s.dial()))).toBe("unreachable");
  });

  it("can be withdrawn while the answer is awaited", async () => {
    s.responder.close();
    const withdraw = new AbortController();
    const outcome = codeOf(s.dial(withdraw.signal));
    await s.clock.settle();
    withdraw.abort();
    expect(await outcome).toBe("aborted");
    expect(s.clock.waiting).toBe(0);
  });

  it("does not take answers from another address", async () => {
    const stranger = clientAddress(new Uint8Array(16).fill(2));
    s.broker.deliver = (signal, to) => (to === CLIENT ? [{ ...signal, from: stranger }] : [signal]);
    expect(await s.clock.until(codeOf(s.dial()))).toBe("timeout");
  });
});

describe("dialing through the mesh", () => {
  const dialThrough = (carry: CarryOffer) => s.dialer.dial(s.entry, new AbortController().signal, carry);

  it("opens a channel, and asks nothing of the broker", async () => {
    s.broker.deliver = () => [];
    await s.clock.until(dialThrough((_relay, offer) => s.responder.answer(offer)));
    await s.clock.settle();
    expect(s.accepted).toHaveLength(1);
    expect(s.responder.answered).toEqual({ broker: 0, mesh: 1 });
  });

  it("finds out whoever answers in the relay's place, or changes the answer", async () => {
    const changed: CarryOffer = async (_relay, offer) => change(await s.responder.answer(offer));
    expect(await s.clock.until(codeOf(dialThrough(changed)))).toBe("not-authentic");
    const another: CarryOffer = async (_relay, offer) =>
      s.responder
        .answer(offer)
        .then((reply) => Uint8Array.from([...reply.subarray(0, 5), 1, ...reply.subarray(6)]));
    expect(await s.clock.until(codeOf(dialThrough(another)))).toBe("not-authentic");
    const short: CarryOffer = () => Promise.resolve(new Uint8Array(3));
    expect(await s.clock.until(codeOf(dialThrough(short)))).toBe("malformed");
  });

  it("is told when the relay is busy, and shares its bounds with the broker's offers", async () => {
    s = await scenario({ maxLinks: 1 });
    await s.clock.until(s.dial());
    const outcome = codeOf(dialThrough((_relay, offer) => s.responder.answer(offer)));
    expect(await s.clock.until(outcome)).toBe("resource-limit");
    expect(s.responder.answered).toEqual({ broker: 1, mesh: 0 });
  });

  it("gets no answer for junk, for an offer that was seen, or of a relay that has ended", async () => {
    for (const junk of [new Uint8Array(0), Uint8Array.of(9), new Uint8Array(200).fill(1)])
      expect(await s.clock.until(codeOf(s.responder.answer(junk)))).toBe("refused");
    const offers: Uint8Array[] = [];
    const carry: CarryOffer = (_relay, offer) => {
      offers.push(offer);
      return s.responder.answer(offer);
    };
    await s.clock.until(dialThrough(carry));
    expect(await s.clock.until(codeOf(s.responder.answer(offers[0] ?? new Uint8Array(0))))).toBe("refused");
    s.responder.close();
    expect(await s.clock.until(codeOf(dialThrough(carry)))).toBe("refused");
  });
});

describe("a hostile broker", () => {
  it("that changes an offer gets no answer", async () => {
    s.broker.deliver = (signal, to) =>
      to === CLIENT ? [signal] : [{ ...signal, blob: change(signal.blob) }];
    expect(await s.clock.until(codeOf(s.dial()))).toBe("timeout");
    expect(s.connector.responding).toBe(0);
  });

  it("that changes an answer is found out", async () => {
    s.broker.deliver = (signal, to) =>
      to === CLIENT ? [{ ...signal, blob: change(signal.blob) }] : [signal];
    expect(await s.clock.until(codeOf(s.dial()))).toBe("not-authentic");
  });

  it("that answers in the relay's place is found out", async () => {
    const own = await generateDhKeyPair();
    s.broker.deliver = (signal, to) => (to === CLIENT ? [] : [signal]);
    const offers: IncomingSignal[] = [];
    s.broker.join(relayAddress(s.relay)).onSignal((signal) => offers.push(signal));
    const outcome = codeOf(s.dial());
    await s.clock.settle();
    const envelope = readEnvelope(offers[0]?.blob ?? new Uint8Array(0));
    await expect(openOffer(envelope, { relay: s.relay, keys: own, random })).rejects.toMatchObject({
      code: "not-authentic",
    });
    // The best it can do is to seal something under a key of its own, and name the offer.
    const sealed = new Uint8Array(100).fill(7);
    const forged = Uint8Array.from([2, ...envelope.enc, ...sealed]);
    s.broker.deliver = (signal) => [signal];
    await s.broker.join(relayAddress(s.relay)).signal(CLIENT, forged);
    expect(await s.clock.until(outcome)).toBe("not-authentic");
    expect(s.accepted).toHaveLength(0);
  });

  it("that repeats an offer makes the relay answer once", async () => {
    s.broker.deliver = (signal, to) => (to === CLIENT ? [signal] : [signal, signal, signal]);
    await s.clock.until(s.dial());
    await s.clock.settle();
    expect(s.connector.responding).toBe(1);
  });

  it("that sends anything else is ignored by both sides", async () => {
    const junk = [
      new Uint8Array(0),
      Uint8Array.of(9),
      new Uint8Array(200).fill(1),
      new Uint8Array(40).fill(2),
    ];
    s.broker.deliver = (signal) => [...junk.map((blob) => ({ ...signal, blob })), signal];
    await expect(s.clock.until(s.dial())).resolves.toBeDefined();
  });
});

describe("a relay that answers", () => {
  it("refuses as busy when it has as many links as it may", async () => {
    s = await scenario({ maxLinks: 2 });
    await s.clock.until(Promise.all([s.dial(), s.dial()]));
    expect(await s.clock.until(codeOf(s.dial()))).toBe("resource-limit");
    expect(s.accepted).toHaveLength(2);
  });

  it("counts links that are being made", async () => {
    s = await scenario({ maxLinks: 2 });
    const release = s.hold();
    await s.clock.until(Promise.all([s.dial(), s.dial()]));
    expect(await s.clock.until(codeOf(s.dial()))).toBe("resource-limit");
    release();
    await s.clock.settle();
    expect(s.accepted).toHaveLength(2);
  });

  it("answers 32 offers at a time, refuses the next, and goes on when those have ended", async () => {
    s.connector.connects = false;
    s.hold();
    const dials = Array.from({ length: 40 }, () => codeOf(s.dial()));
    const outcomes = await s.clock.until(Promise.all(dials));
    expect(outcomes.filter((outcome) => outcome === "resource-limit")).toHaveLength(8);
    expect(s.connector.responding).toBe(32);
    s.responder.close();
    await s.clock.settle();
    expect(s.accepted).toHaveLength(0);
  });

  it("gives up what it has begun when the initiator is gone", async () => {
    s.connector.connects = false;
    s.broker.deliver = (signal, to) => {
      if (to !== CLIENT) s.broker.leave(CLIENT);
      return [signal];
    };
    const outcome = codeOf(s.dial());
    await s.clock.settle();
    expect(s.connector.responding).toBe(1);
    expect(await s.clock.until(outcome)).toBe("timeout");
    // Its place is free again: the attempt was withdrawn.
    s.broker.deliver = (signal) => [signal];
    expect(s.clock.waiting).toBe(0);
  });
});
