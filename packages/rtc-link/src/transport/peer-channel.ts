import {
  type Cancel,
  type Clock,
  type DataChannel,
  type DataChannelReceiver,
  MAX_MESSAGE_LENGTH,
  TaborError,
} from "@tabor/onion-core";
import type SimplePeer from "simple-peer";
import type { RoutedChannel } from "./link-route.ts";

/**
 * Bytes that wait in the channel's buffer: at the first mark a sender must wait, at the second it may go on. What waits
 * here cannot be overtaken by a more urgent cell, so it is no more than keeps the connection busy.
 */
const FULL_BYTES = 131_072;
const DRAINED_BYTES = 32_768;

/** SPEC §11: messages received before a link listens. */
const MAX_UNHEARD = 16;

/**
 * Asks the peer to close, once it has everything that was sent before. Closing by ourselves could lose that: browsers
 * drop it with the connection, and node-datachannel may tell of the end before it has told of the last messages.
 */
const GOODBYE = new Uint8Array(0);

/** How long the peer has to close after our goodbye, in milliseconds. */
const CLOSING_DEADLINE_MS = 5000;

export interface PeerChannelInit {
  readonly peer: SimplePeer.Instance;
  readonly channel: RTCDataChannel;
  readonly fingerprints: DataChannel["fingerprints"];
  readonly clock: Clock;
  readonly route: RoutedChannel["route"];
}

/** The data channel of a simple-peer, as the core's port. A channel that its peer misuses is closed, with the reason. */
export class PeerChannel implements RoutedChannel {
  readonly fingerprints: DataChannel["fingerprints"];
  readonly route: RoutedChannel["route"];
  readonly closed: Promise<void>;
  readonly #peer: SimplePeer.Instance;
  readonly #channel: RTCDataChannel;
  readonly #clock: Clock;
  readonly #unheard: Uint8Array[] = [];
  #receiver: DataChannelReceiver | undefined;
  #full = false;
  #owesDrained = false;
  #reason: string | undefined;
  #ended = false;
  #toldClosed = false;
  #cancelDeadline: Cancel = () => undefined;

  constructor({ peer, channel, fingerprints, clock, route }: PeerChannelInit) {
    this.fingerprints = fingerprints;
    this.route = route;
    this.closed = new Promise((resolve) => peer.once("close", resolve));
    this.#peer = peer;
    this.#channel = channel;
    this.#clock = clock;
    channel.binaryType = "arraybuffer";
    channel.bufferedAmountLowThreshold = DRAINED_BYTES;
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.#arrive(data);
    };
    channel.onbufferedamountlow = () => {
      this.#low();
    };
    peer.once("error", () => (this.#reason ??= "the connection failed"));
    peer.once("close", () => {
      this.#end();
    });
  }

  send(message: Uint8Array): boolean {
    if (message.length < 1 || message.length > MAX_MESSAGE_LENGTH) throw usage("a message has 1…16384 bytes");
    if (this.#reason !== undefined || this.#channel.readyState !== "open") return false;
    if (this.#full) throw usage("sent although the channel is full");
    try {
      this.#channel.send(message as Uint8Array<ArrayBuffer>);
    } catch {
      // It has closed under us, and has yet to say so.
      this.#fail("the connection failed");
      return false;
    }
    this.#full = this.#channel.bufferedAmount >= FULL_BYTES;
    return !this.#full;
  }

  receive(receiver: DataChannelReceiver): void {
    if (this.#receiver !== undefined) throw usage("a channel has one receiver");
    this.#receiver = receiver;
    this.#clock.soon(() => {
      this.#tell();
    });
  }

  close(): void {
    if (this.#reason !== undefined) return;
    this.#reason = "closed here";
    this.#unheard.length = 0;
    this.#cancelDeadline = this.#clock.after(CLOSING_DEADLINE_MS, () => {
      this.#peer.destroy();
    });
    try {
      this.#channel.send(GOODBYE);
    } catch {
      this.#peer.destroy();
    }
  }

  #fail(reason: string): void {
    this.#reason ??= reason;
    this.#peer.destroy();
  }

  #arrive(data: unknown): void {
    if (data instanceof ArrayBuffer && data.byteLength === 0) this.#fail("closed by the peer");
    if (this.#reason !== undefined) return;
    if (!(data instanceof ArrayBuffer) || data.byteLength > MAX_MESSAGE_LENGTH) {
      this.#fail("the peer sent a message that is not of 1…16384 bytes");
      return;
    }
    this.#unheard.push(new Uint8Array(data));
    if (this.#receiver !== undefined) this.#tell();
    else if (this.#unheard.length > MAX_UNHEARD) this.#fail("too many messages before anyone listens");
  }

  #low(): void {
    // The event may be an old one, from before we filled it again; then another will come.
    if (!this.#full || this.#channel.bufferedAmount > DRAINED_BYTES) return;
    this.#full = false;
    this.#owesDrained = true;
    this.#tell();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reason ??= "closed by the peer";
    this.#cancelDeadline();
    this.#tell();
  }

  /** Tells the receiver, if there is one, whatever it has not heard. */
  #tell(): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    for (let next = this.#unheard.shift(); next !== undefined; next = this.#unheard.shift())
      receiver.message(next);
    if (this.#ended) {
      if (!this.#toldClosed) receiver.closed(this.#reason ?? "closed");
      this.#toldClosed = true;
    } else if (this.#owesDrained && this.#reason === undefined) {
      this.#owesDrained = false;
      receiver.drained();
    }
  }
}

function usage(what: string): TaborError {
  return new TaborError("usage", "here", `data channel: ${what}`);
}
