import type { CircuitInfo, ClientEvent, OnionClient } from "@tabor/onion-core";
import type { Metric } from "@tabor/operator";
import type { OnionClientPort } from "../socks/onion-client-port.ts";

const KINDS = ["connect", "resolve"] as const;
type Kind = (typeof KINDS)[number];

type Client = Pick<OnionClient, "circuits" | "status" | "subscribe">;

/** Counts what a client does for who runs it: how its circuits and streams fare, not where they lead. */
export class ClientCounts {
  readonly #client: Client;
  readonly #building = new Set<number>();
  readonly #builds = { built: 0, failed: 0 };
  readonly #streams = { connect: { opened: 0, failed: 0 }, resolve: { opened: 0, failed: 0 } };

  constructor(client: Client) {
    this.#client = client;
    client.subscribe((event) => {
      this.#heard(event);
    });
  }

  /** The client as its proxy has it, with what it is asked counted. */
  counted(client: OnionClientPort): OnionClientPort {
    return {
      openStream: (target, options) => this.#count("connect", client.openStream(target, options)),
      resolve: (name, options) => this.#count("resolve", client.resolve(name, options)),
    };
  }

  get metrics(): readonly Metric[] {
    return [
      {
        name: "tabor_client_ready_percent",
        help: "How far the client is on the way to its first circuit.",
        kind: "gauge",
        value: () => this.#client.status.percent,
      },
      {
        name: "tabor_client_circuits",
        help: "Circuits that are being built, and that are open.",
        kind: "gauge",
        value: () => [
          [{ state: "building" }, this.#circuits("building")],
          [{ state: "open" }, this.#circuits("open")],
        ],
      },
      {
        name: "tabor_client_builds_total",
        help: "Circuits that were built, and that failed while they were.",
        kind: "counter",
        value: () => [
          [{ result: "built" }, this.#builds.built],
          [{ result: "failed" }, this.#builds.failed],
        ],
      },
      {
        name: "tabor_client_streams_total",
        help: "Streams that programs asked for: connections to sites, and questions for names.",
        kind: "counter",
        value: () =>
          KINDS.flatMap((kind) => [
            [{ kind, result: "opened" }, this.#streams[kind].opened] as const,
            [{ kind, result: "failed" }, this.#streams[kind].failed] as const,
          ]),
      },
    ];
  }

  #circuits(name: CircuitInfo["state"]["name"]): number {
    return this.#client.circuits.filter(({ state }) => state.name === name).length;
  }

  /** Each circuit is seen while it is built; one that is gone without having been open has failed. */
  #heard(event: ClientEvent): void {
    if (event.type !== "circuits") return;
    const states = new Map(event.circuits.map(({ id, state }) => [id, state.name]));
    for (const id of this.#building) {
      const state = states.get(id) ?? "closed";
      if (state === "building") continue;
      this.#building.delete(id);
      this.#builds[state === "open" ? "built" : "failed"] += 1;
    }
    for (const [id, state] of states) if (state === "building") this.#building.add(id);
  }

  async #count<T>(kind: Kind, asked: Promise<T>): Promise<T> {
    try {
      const answer = await asked;
      this.#streams[kind].opened += 1;
      return answer;
    } catch (thrown) {
      this.#streams[kind].failed += 1;
      throw thrown;
    }
  }
}
