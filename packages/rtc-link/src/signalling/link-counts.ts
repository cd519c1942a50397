import type { RoutedChannel } from "../transport/link-route.ts";
import type { Connector } from "./broker.ts";

export const LINK_DIRECTIONS = ["dialled", "answered"] as const;
type Direction = (typeof LINK_DIRECTIONS)[number];

/** Counts how often a WebRTC connection came about, and by which way: what fails here is most often a firewall or a NAT. */
export class LinkCounts {
  readonly opened: Record<Direction, number> = { dialled: 0, answered: 0 };
  readonly failed: Record<Direction, number> = { dialled: 0, answered: 0 };
  readonly #open = new Set<RoutedChannel>();

  /** Those that are open now, and go through a TURN server. */
  get throughTurn(): number {
    return [...this.#open].filter((channel) => channel.route() === "turn").length;
  }

  /** The connector, with what it does counted. */
  counted(connector: Connector<RoutedChannel>): Connector {
    return {
      initiate: (exchange, signal) => this.#count("dialled", connector.initiate(exchange, signal), signal),
      respond: async (offer, signal) => {
        const { answer, channel } = await connector.respond(offer, signal);
        return { answer, channel: this.#count("answered", channel, signal) };
      },
    };
  }

  async #count(
    direction: Direction,
    channel: Promise<RoutedChannel>,
    signal: AbortSignal,
  ): Promise<RoutedChannel> {
    try {
      const opened = await channel;
      this.opened[direction] += 1;
      this.#open.add(opened);
      void opened.closed.then(() => this.#open.delete(opened));
      return opened;
    } catch (thrown) {
      // What was withdrawn, most often because there is a link otherwise, has not failed.
      if (!signal.aborted) this.failed[direction] += 1;
      throw thrown;
    }
  }
}
