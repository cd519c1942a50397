import { bytesToHex, type DataChannel } from "@tabor/onion-core";
import type { Connector } from "@tabor/rtc-link";
import type { Network } from "../../apps/node/src/peer/network.ts";

/** Where a cell's parts are (SPEC §3). */
const CELL_LENGTH = 2048;
const COMMAND_OFFSET = 4;
const RELAY = 3;
/** Somewhere in the part of the body that every slot seals. */
const FLIPPED_BYTE = 100;

interface Order {
  readonly by: string;
  readonly towards: string;
  readonly done: () => void;
}

/** Hands on the channels of relays: on order, one flips one bit in the next RELAY cell that it sends to a peer. */
export class Tampering {
  /** Whose certificate a channel's other end sees. */
  readonly #owners = new Map<string, string>();
  #order: Order | undefined;

  /** For `startLocalRelay`: a network in which this relay obeys orders. */
  through(name: string): (network: Network) => Network {
    return (network) => ({ ...network, connector: this.#connector(name, network.connector) });
  }

  /** @param towards another relay's name, or "client". @returns once the bit was flipped */
  flip(by: string, towards: string): Promise<void> {
    return new Promise((done) => (this.#order = { by, towards, done }));
  }

  #connector(name: string, { initiate, respond }: Connector): Connector {
    return {
      initiate: async (exchange, signal) => this.#channel(name, await initiate(exchange, signal)),
      respond: async (offer, signal) => {
        const { answer, channel } = await respond(offer, signal);
        return { answer, channel: channel.then((open) => this.#channel(name, open)) };
      },
    };
  }

  #channel(name: string, channel: DataChannel): DataChannel {
    this.#owners.set(bytesToHex(channel.fingerprints.local), name);
    return {
      fingerprints: channel.fingerprints,
      send: (message) => channel.send(this.#touch(name, channel, message)),
      receive: (receiver) => channel.receive(receiver),
      close: () => channel.close(),
    };
  }

  #touch(name: string, { fingerprints }: DataChannel, message: Uint8Array): Uint8Array {
    const order = this.#order;
    const peer = this.#owners.get(bytesToHex(fingerprints.remote)) ?? "client";
    if (order?.by !== name || order.towards !== peer) return message;
    const cell = relayCellIn(message);
    if (cell === undefined) return message;
    this.#order = undefined;
    order.done();
    const changed = Uint8Array.from(message);
    changed[cell + FLIPPED_BYTE] = (changed[cell + FLIPPED_BYTE] ?? 0) ^ 1;
    return changed;
  }
}

/** Where the first RELAY cell of a message starts. */
function relayCellIn(message: Uint8Array): number | undefined {
  for (let start = 0; start < message.length; start += CELL_LENGTH) {
    if (message[start + COMMAND_OFFSET] === RELAY) return start;
  }
  return undefined;
}
