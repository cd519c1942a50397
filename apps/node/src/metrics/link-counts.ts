import type { DataChannel } from "@tabor/onion-core";
import type { Metric } from "@tabor/operator";
import type { Connector } from "@tabor/rtc-link";

const DIRECTIONS = ["dialled", "answered"] as const;
type Direction = (typeof DIRECTIONS)[number];

/** Counts how often a WebRTC connection came about: what fails here is most often a firewall or a NAT. */
export class LinkCounts {
  readonly #opened: Record<Direction, number> = { dialled: 0, answered: 0 };
  readonly #failed: Record<Direction, number> = { dialled: 0, answered: 0 };

  /** The connector, with what it does counted. */
  counted(connector: Connector): Connector {
    return {
      initiate: (exchange, signal) => this.#count("dialled", connector.initiate(exchange, signal)),
      respond: async (offer, signal) => {
        const { answer, channel } = await connector.respond(offer, signal);
        return { answer, channel: this.#count("answered", channel) };
      },
    };
  }

  /** @param bin as clients take part in it. */
  metric(bin: number): Metric {
    return {
      name: "tabor_connections_total",
      help: "WebRTC connections that were dialled or answered, and whether they opened.",
      kind: "counter",
      bin,
      value: () =>
        DIRECTIONS.flatMap((direction) => [
          [{ direction, result: "opened" }, this.#opened[direction]] as const,
          [{ direction, result: "failed" }, this.#failed[direction]] as const,
        ]),
    };
  }

  async #count(direction: Direction, channel: Promise<DataChannel>): Promise<DataChannel> {
    try {
      const opened = await channel;
      this.#opened[direction] += 1;
      return opened;
    } catch (thrown) {
      this.#failed[direction] += 1;
      throw thrown;
    }
  }
}
