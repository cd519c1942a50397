import type { DataChannel } from "@tabor/onion-core";

/** Sends in order, and keeps what the channel has no room for. */
export class Valve {
  readonly #channel: DataChannel;
  readonly #waiting: Uint8Array[] = [];
  #open = true;

  constructor(channel: DataChannel) {
    this.#channel = channel;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  send(message: Uint8Array): void {
    if (this.#open) this.#open = this.#channel.send(message);
    else this.#waiting.push(message);
  }

  drained(): void {
    this.#open = true;
    while (this.#open) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#open = this.#channel.send(message);
    }
  }
}
