import { bytesToHex, type DataChannel } from "@tabor/onion-core";
import type { Connector } from "@tabor/rtc-link";
import type { Network } from "../../apps/node/src/peer/network.ts";

/** Where a cell's parts are (SPEC §3): a circuit's id of four bytes, the command, the body. */
const CELL_LENGTH = 2048;
const COMMAND_OFFSET = 4;
const RELAY = 3;
/** Somewhere in the part of the body that every slot seals. */
const FLIPPED_BYTE = 100;
/** RELAY cells, both ways, from which on a circuit carries something: its set-up and the padding of that are fewer. */
const IN_USE = 50;

interface Order {
  readonly by: string;
  readonly towards: string;
  readonly done: () => void;
}

/** Hands on the channels of relays: on order, one flips one bit in the next RELAY cell that it sends to a peer on a circuit in use. */
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
    const { local, remote } = channel.fingerprints;
    this.#owners.set(bytesToHex(local), name);
    const traffic = new RelayTraffic();
    return {
      fingerprints: channel.fingerprints,
      send: (message) => {
        const peer = this.#owners.get(bytesToHex(remote)) ?? "client";
        return channel.send(this.#touch(name, peer, { message, cell: traffic.count(message) }));
      },
      receive: (receiver) => {
        channel.receive({
          message: (message) => {
            traffic.count(message);
            receiver.message(message);
          },
          drained: () => {
            receiver.drained();
          },
          closed: (reason) => {
            receiver.closed(reason);
          },
        });
      },
      close: () => {
        channel.close();
      },
    };
  }

  #touch(name: string, peer: string, { message, cell }: { message: Uint8Array; cell: number | undefined }) {
    const order = this.#order;
    if (cell === undefined || order?.by !== name || order.towards !== peer) return message;
    this.#order = undefined;
    order.done();
    const changed = Uint8Array.from(message);
    changed[cell + FLIPPED_BYTE] = (changed[cell + FLIPPED_BYTE] ?? 0) ^ 1;
    return changed;
  }
}

/** How many RELAY cells each circuit of a link has carried, both ways. */
class RelayTraffic {
  readonly #cells = new Map<number, number>();

  /** @returns where the first RELAY cell of a circuit in use starts in this message */
  count(message: Uint8Array): number | undefined {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    let found: number | undefined;
    for (let start = 0; start < message.length; start += CELL_LENGTH) {
      if (message[start + COMMAND_OFFSET] !== RELAY) continue;
      const circuit = view.getUint32(start);
      const seen = (this.#cells.get(circuit) ?? 0) + 1;
      this.#cells.set(circuit, seen);
      if (seen >= IN_USE) found ??= start;
    }
    return found;
  }
}
