import { check, checkBytes, checkThrows, type ContractCase } from "./contract.ts";
import { concat } from "../bytes/bytes.ts";
import { MAX_MESSAGE_LENGTH, type DataChannel, type DataChannelReceiver } from "../ports/data-channel.ts";

/** Both ends of one open channel. */
export interface ChannelEnds {
  readonly a: DataChannel;
  readonly b: DataChannel;
}

/** What every implementation of the `DataChannel` port promises (SPEC §2.1). @param open opens a new channel. */
export function dataChannelContract(open: () => Promise<ChannelEnds>): readonly ContractCase[] {
  return Object.entries(PROMISES).map(([name, promise]) => ({
    name,
    run: async () => {
      const ends = await open();
      try {
        await promise(ends, open);
      } finally {
        ends.a.close();
        ends.b.close();
      }
    },
  }));
}

/** SPEC §11: messages received before a link listens. */
const MAX_UNHEARD = 16;

/** More than any implementation may keep for a sender. */
const FAR_TOO_MUCH = 64 * 1024 * 1024;

const PROMISES: Readonly<
  Record<string, (ends: ChannelEnds, open: () => Promise<ChannelEnds>) => Promise<void>>
> = {
  "each end knows both certificates": async ({ a, b }) => {
    checkBytes(a.fingerprints.local, b.fingerprints.remote, "a's certificate, as b sees it,");
    checkBytes(a.fingerprints.remote, b.fingerprints.local, "b's certificate, as a sees it,");
    check(a.fingerprints.local.length === 32, "a fingerprint has 32 bytes");
    await checkThrows(() => {
      checkBytes(a.fingerprints.local, a.fingerprints.remote, "one's own");
    }, "the two ends have certificates of their own");
  },

  "carries messages of every length whole, both ways": async ({ a, b }) => {
    const atA = new Listener(a);
    const atB = new Listener(b);
    for (const [i, length] of [1, 2, 2047, 2048, 2049, 16_383, MAX_MESSAGE_LENGTH].entries()) {
      a.send(pattern(length, i));
      checkMessage(await atB.next(), pattern(length, i), `message of ${String(length)} bytes`);
      b.send(pattern(length, i + 1));
      checkMessage(await atA.next(), pattern(length, i + 1), `answer of ${String(length)} bytes`);
    }
  },

  "takes a message when it is sent: its buffer may be used again": async ({ a, b }) => {
    const atB = new Listener(b);
    const buffer = new Uint8Array(100);
    for (const seed of [1, 2, 3]) {
      buffer.set(pattern(100, seed));
      a.send(buffer);
    }
    buffer.fill(0);
    for (const seed of [1, 2, 3])
      checkMessage(await atB.next(), pattern(100, seed), `message ${String(seed)}`);
  },

  "sends just the bytes of a view": async ({ a, b }) => {
    const atB = new Listener(b);
    const surrounded = concat(pattern(7, 1), pattern(100, 2), pattern(9, 3));
    a.send(surrounded.subarray(7, 107));
    checkMessage(await atB.next(), pattern(100, 2), "message");
  },

  "keeps the order": async ({ a, b }) => {
    const atB = new Listener(b);
    const sending = new Listener(a).sendAll(300, (i) => pattern(1 + ((i * 997) % MAX_MESSAGE_LENGTH), i));
    for (let i = 0; i < 300; i++) {
      const length = 1 + ((i * 997) % MAX_MESSAGE_LENGTH);
      checkMessage(await atB.next(), pattern(length, i), `message ${String(i)}`);
    }
    await sending;
  },

  "refuses messages without bytes, and longer ones": async ({ a }) => {
    for (const length of [0, MAX_MESSAGE_LENGTH + 1]) {
      await checkThrows(() => a.send(new Uint8Array(length)), `${String(length)} bytes are refused`);
    }
  },

  "says when it is full, refuses more, and says when it has drained": async ({ a, b }) => {
    const atA = new Listener(a);
    const atB = new Listener(b);
    for (let round = 1; round <= 3; round++) {
      const sent = atA.fill();
      await checkThrows(() => a.send(pattern(1, 0)), "a full channel refuses to take more");
      await atA.drainedTimes(round);
      for (let i = 0; i < sent; i++) await atB.next();
    }
  },

  "carries more than it keeps, at the pace of its buffer": async ({ a, b }) => {
    const atB = new Listener(b);
    const count = 512;
    const sending = new Listener(a).sendAll(count, (i) => pattern(MAX_MESSAGE_LENGTH, i));
    for (let i = 0; i < count; i++) {
      checkMessage(await atB.next(), pattern(MAX_MESSAGE_LENGTH, i), `message ${String(i)}`);
    }
    await sending;
  },

  "tells nothing until someone listens, and then what came before": async ({ a, b }) => {
    for (let i = 0; i < MAX_UNHEARD; i++) a.send(pattern(10, i));
    const late = new Listener(b);
    check(late.heard === 0, "nothing is told within `receive`");
    for (let i = 0; i < MAX_UNHEARD; i++) {
      checkMessage(await late.next(), pattern(10, i), `message ${String(i)}`);
    }
  },

  "closes when too much comes before anyone listens": async ({ a, b }) => {
    const atA = new Listener(a);
    for (let i = 0; i <= MAX_UNHEARD; i++) a.send(pattern(10, i));
    await atA.end();
    await new Listener(b).end();
  },

  "has one receiver": async ({ a }) => {
    new Listener(a);
    await checkThrows(() => new Listener(a), "a second receiver is refused");
  },

  "delivers what was sent before it was closed": async ({ a, b }) => {
    const atA = new Listener(a);
    const atB = new Listener(b);
    const sent = atA.fill();
    a.close();
    await Promise.all([atA.end(), atB.end()]);
    check(atB.heard === sent, `all ${String(sent)} messages arrive, but ${String(atB.heard)} did`);
  },

  "tells a late receiver what came before the end, and the end": async ({ a, b }) => {
    const atA = new Listener(a);
    for (let i = 0; i < 3; i++) a.send(pattern(10, i));
    a.close();
    await atA.end();
    const late = new Listener(b);
    await late.end();
    check(late.heard === 3, "the messages come before the end");
  },

  "tells both ends of the end, once, whoever closes how often": async ({ a, b }, open) => {
    const ends = [new Listener(a), new Listener(b)];
    a.close();
    a.close();
    await Promise.all(ends.map((end) => end.end()));
    a.close();
    b.close();
    await roundTrip(open);
    check(
      ends.every(({ ends: told }) => told === 1),
      "the end is told once",
    );
  },

  "ends once when both ends close together": async ({ a, b }, open) => {
    const ends = [new Listener(a), new Listener(b)];
    a.close();
    b.close();
    await Promise.all(ends.map((end) => end.end()));
    await roundTrip(open);
    check(
      ends.every(({ ends: told, heard }) => told === 1 && heard === 0),
      "the end is told once, and nothing else",
    );
  },

  "sends and tells nothing after it was closed here": async ({ a, b }) => {
    const atA = new Listener(a);
    const atB = new Listener(b);
    b.send(pattern(10, 1));
    b.send(pattern(10, 2));
    a.close();
    check(!a.send(pattern(10, 3)), "a closed channel has no room");
    await Promise.all([atA.end(), atB.end()]);
    check(!b.send(pattern(10, 4)), "nor has its other end");
    check(atA.heard === 0 && atB.heard === 0, "no message arrives");
  },

  "stops in the middle when a message makes its receiver close": async ({ a, b }) => {
    const atB = new Listener(b);
    atB.onMessage = () => {
      b.close();
    };
    for (let i = 0; i < 3; i++) a.send(pattern(10, i));
    await Promise.all([new Listener(a).end(), atB.end()]);
    check(atB.heard === 1, "nothing is told after the first message");
  },
};

/** Listens to one end, and keeps what it hears. */
class Listener implements DataChannelReceiver {
  /** Called with each message. */
  onMessage: () => void = () => undefined;
  heard = 0;
  drains = 0;
  ends = 0;
  readonly #channel: DataChannel;
  readonly #messages: Uint8Array[] = [];
  #wake: () => void = () => undefined;

  constructor(channel: DataChannel) {
    this.#channel = channel;
    channel.receive(this);
  }

  message(bytes: Uint8Array): void {
    this.heard += 1;
    this.#messages.push(bytes);
    this.onMessage();
    this.#wake();
  }

  drained(): void {
    this.drains += 1;
    this.#wake();
  }

  closed(): void {
    this.ends += 1;
    this.#wake();
  }

  /** The next message. */
  async next(): Promise<Uint8Array> {
    await this.#until(() => this.#messages.length > 0);
    const message = this.#messages.shift();
    if (message === undefined) throw new Error("not kept: the channel closed before the message came");
    return message;
  }

  /** Sends messages as fast as there is room. */
  async sendAll(count: number, message: (index: number) => Uint8Array): Promise<void> {
    for (let i = 0; i < count; i++) {
      const drains = this.drains;
      if (!this.#channel.send(message(i))) await this.#until(() => this.drains > drains);
    }
  }

  /** Sends messages until there is no room, faster than any network carries them. @returns how many. */
  fill(): number {
    const message = pattern(MAX_MESSAGE_LENGTH, 1);
    for (let sent = 1; sent * MAX_MESSAGE_LENGTH <= FAR_TOO_MUCH; sent++) {
      if (!this.#channel.send(message)) return sent;
    }
    throw new Error("not kept: a channel has a bound");
  }

  /** Waits for the n-th time that there was room again. */
  async drainedTimes(n: number): Promise<void> {
    await this.#until(() => this.drains >= n);
    check(this.drains === n, `it drained ${String(n)} times`);
  }

  async end(): Promise<void> {
    await this.#until(() => this.ends > 0);
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && this.ends === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

/** Has messages go there and back on a channel of its own: time for whatever was wrongly on its way to arrive. */
async function roundTrip(open: () => Promise<ChannelEnds>): Promise<void> {
  const { a, b } = await open();
  const [atA, atB] = [new Listener(a), new Listener(b)];
  a.send(pattern(10, 1));
  await atB.next();
  b.send(pattern(10, 2));
  await atA.next();
  a.close();
  await Promise.all([atA.end(), atB.end()]);
}

/** Bytes of which no two messages, and no two places within 251, are alike. */
function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (seed + i) % 251;
  return bytes;
}

/** As `checkBytes`, for messages that nobody wants to read. */
function checkMessage(actual: Uint8Array, expected: Uint8Array, what: string): void {
  check(actual.length === expected.length, `${what} has ${String(expected.length)} bytes`);
  check(
    actual.every((byte, i) => byte === expected[i]),
    `${what} arrives as it was sent`,
  );
}
