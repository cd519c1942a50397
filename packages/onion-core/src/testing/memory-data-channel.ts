import { TaborError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import { MAX_MESSAGE_LENGTH, type DataChannel, type DataChannelReceiver } from "../ports/data-channel.ts";

/** Which way a message goes between the two ends. */
export type Direction = "a to b" | "b to a";

export interface MemoryChannelOptions {
  readonly clock: Clock;
  /** Bytes under way per direction above which a sender must wait; as simple-peer has it unless given. */
  readonly bufferBytes?: number;
  /** Whole milliseconds that the next message takes; messages never overtake each other. None: the next turn. */
  readonly latency?: () => number;
  /** What arrives in place of a message; null: nothing does. */
  readonly tamper?: (message: Uint8Array, direction: Direction) => Uint8Array | null;
  /** SHA-256 fingerprints of the two DTLS certificates, 32 bytes each. */
  readonly fingerprints?: Readonly<Record<"a" | "b", Uint8Array>>;
}

/** Both ends of one data channel. */
export interface MemoryChannel {
  readonly a: DataChannel;
  readonly b: DataChannel;
  /** Breaks it: what is under way is lost, and both ends are told at once. */
  cut(reason: string): void;
}

const BUFFER_BYTES = 65_536;

/** SPEC §11: messages received before a link listens. */
const MAX_UNHEARD = 16;

const FINGERPRINTS = { a: new Uint8Array(32).fill(0xaa), b: new Uint8Array(32).fill(0xbb) };

/** Two ends of a data channel in one memory, deterministic under a virtual clock. */
export function memoryDataChannel(options: MemoryChannelOptions): MemoryChannel {
  const fingerprints = options.fingerprints ?? FINGERPRINTS;
  const a = new MemoryEnd(options, "a to b", { local: fingerprints.a, remote: fingerprints.b });
  const b = new MemoryEnd(options, "b to a", { local: fingerprints.b, remote: fingerprints.a });
  a.connect(b);
  b.connect(a);
  return {
    a,
    b,
    cut: (reason) => {
      a.fail(reason);
      b.fail(reason);
    },
  };
}

class MemoryEnd implements DataChannel {
  readonly fingerprints: DataChannel["fingerprints"];
  readonly #options: MemoryChannelOptions;
  readonly #direction: Direction;
  readonly #bound: number;
  readonly #unheard: Uint8Array[] = [];
  #peer: MemoryEnd | undefined;
  #receiver: DataChannelReceiver | undefined;
  #underWay = 0;
  #full = false;
  #owesDrained = false;
  #lastArrival = 0;
  #closed: string | undefined;
  #toldClosed = false;

  constructor(
    options: MemoryChannelOptions,
    direction: Direction,
    fingerprints: DataChannel["fingerprints"],
  ) {
    this.#options = options;
    this.#direction = direction;
    this.#bound = options.bufferBytes ?? BUFFER_BYTES;
    this.fingerprints = fingerprints;
  }

  connect(peer: MemoryEnd): void {
    this.#peer = peer;
  }

  send(message: Uint8Array): boolean {
    if (this.#closed !== undefined) return false;
    if (message.length < 1 || message.length > MAX_MESSAGE_LENGTH) throw usage("a message has 1…16384 bytes");
    if (this.#full) throw usage("sent although the channel is full");
    this.#underWay += message.length;
    this.#full = this.#underWay >= this.#bound;
    const taken = copyAside(message);
    this.#carry(() => {
      this.#deliver(taken);
      this.#free(taken.length);
    });
    return !this.#full;
  }

  receive(receiver: DataChannelReceiver): void {
    if (this.#receiver !== undefined) throw usage("a channel has one receiver");
    this.#receiver = receiver;
    this.#options.clock.soon(() => {
      this.#tell();
    });
  }

  close(): void {
    this.#shut("closed here");
  }

  /** Ends this end alone: what had arrived is still told, then the news. */
  fail(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#options.clock.soon(() => {
      this.#tell();
    });
  }

  #shut(reason: string): void {
    if (this.#closed !== undefined) return;
    this.fail(reason);
    this.#unheard.length = 0;
    this.#carry(() => this.#peer?.fail("closed by the peer"));
  }

  /** Runs `arrive` when what is sent now arrives, after everything that was sent before. */
  #carry(arrive: () => void): void {
    const { clock, latency } = this.#options;
    if (latency === undefined) {
      clock.soon(arrive);
      return;
    }
    this.#lastArrival = Math.max(this.#lastArrival, clock.monotonic() + Math.round(latency()));
    clock.after(this.#lastArrival - clock.monotonic(), arrive);
  }

  #deliver(message: Uint8Array): void {
    const { tamper } = this.#options;
    const arriving = tamper === undefined ? message : tamper(message, this.#direction);
    if (arriving !== null && this.#peer !== undefined) this.#peer.#arrive(arriving);
  }

  #arrive(message: Uint8Array): void {
    if (this.#closed !== undefined) return;
    this.#unheard.push(copyAside(message));
    this.#tell();
    if (this.#unheard.length > MAX_UNHEARD) this.#shut("too many messages before anyone listens");
  }

  #free(bytes: number): void {
    this.#underWay -= bytes;
    if (!this.#full || this.#underWay > this.#bound / 2) return;
    this.#full = false;
    this.#owesDrained = true;
    this.#tell();
  }

  /** Tells the receiver, if there is one, whatever it has not heard. */
  #tell(): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    for (let next = this.#unheard.shift(); next !== undefined; next = this.#unheard.shift())
      receiver.message(next);
    if (this.#closed !== undefined) {
      if (!this.#toldClosed) receiver.closed(this.#closed);
      this.#toldClosed = true;
    } else if (this.#owesDrained) {
      this.#owesDrained = false;
      receiver.drained();
    }
  }
}

/** The two ends share no memory, and a message need not start where its buffer does. */
function copyAside(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(message.length + 3);
  padded.set(message, 3);
  return padded.subarray(3);
}

function usage(what: string): TaborError {
  return new TaborError("usage", "here", `data channel: ${what}`);
}
