import type { SharedRate } from "./shared-rate.ts";
import type { DataChannel, DataChannelReceiver } from "../../ports/data-channel.ts";

/** What the channels of a relay share. */
export interface ChannelShare {
  readonly passing: SharedRate;
  /** So many bytes have come on a channel, or went. */
  readonly received: (channel: LimitedChannel, bytes: number) => void;
  readonly sent: (bytes: number) => void;
  readonly closed: (channel: LimitedChannel) => void;
}

/**
 * A relay's data channel that keeps to the rate which all of them share. To a link it looks like one with little room: what is to be sent waits in the link's
 * own queues, where circuits take turns.
 */
export class LimitedChannel implements DataChannel {
  readonly #inner: DataChannel;
  readonly #share: ChannelShare;
  #receiver: DataChannelReceiver | undefined;
  #innerHasRoom = true;
  #isWaiting = false;
  #closedFor: string | undefined;

  constructor(inner: DataChannel, share: ChannelShare) {
    this.#inner = inner;
    this.#share = share;
  }

  get fingerprints(): DataChannel["fingerprints"] {
    return this.#inner.fingerprints;
  }

  send(message: Uint8Array): boolean {
    const { passing, sent } = this.#share;
    this.#innerHasRoom = this.#inner.send(message);
    passing.take(message.length);
    sent(message.length);
    if (passing.isSpent && !this.#isWaiting) {
      this.#isWaiting = true;
      passing.wait(this.#maySend);
    }
    return this.#innerHasRoom && !this.#isWaiting;
  }

  receive(receiver: DataChannelReceiver): void {
    this.#receiver = receiver;
    this.#inner.receive({
      message: (bytes) => {
        this.#share.received(this, bytes.length);
        receiver.message(bytes);
      },
      drained: () => {
        this.#innerHasRoom = true;
        if (!this.#isWaiting) receiver.drained();
      },
      closed: (reason) => {
        this.#leave();
        this.#share.closed(this);
        receiver.closed(this.#closedFor ?? reason);
      },
    });
  }

  close(): void {
    this.#leave();
    this.#inner.close();
  }

  /** Closes it; its link is told why. */
  closeFor(reason: string): void {
    this.#closedFor = reason;
    this.close();
  }

  readonly #maySend = (): void => {
    this.#isWaiting = false;
    if (this.#innerHasRoom) this.#receiver?.drained();
  };

  #leave(): void {
    this.#share.passing.leave(this.#maySend);
  }
}
