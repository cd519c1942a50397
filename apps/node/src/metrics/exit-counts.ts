import { ExitRefusal, type Duplex, type ExitConnector, type FetchConnector } from "@tabor/onion-core";
import { BYTES_BIN, STREAMS_BIN, type Metric } from "@tabor/operator";

const KINDS = ["connect", "fetch", "resolve"] as const;
/** `refused`: by the policy. */
const RESULTS = ["answered", "refused", "failed"] as const;
type Kind = (typeof KINDS)[number];
type Result = (typeof RESULTS)[number];

/** Counts what an exit does for its circuits, and nothing of where to. */
export class ExitCounts {
  readonly #streams = new Map<string, number>();
  readonly #bytes = { in: 0, out: 0 };

  /** The exit, with what it does counted. */
  countedExit<E extends { readonly connector: ExitConnector; readonly fetcher: FetchConnector }>(exit: E): E {
    return { ...exit, connector: this.counted(exit.connector), fetcher: this.#countedFetcher(exit.fetcher) };
  }

  /** The connector, with what it does counted. */
  counted(connector: ExitConnector): ExitConnector {
    return {
      connect: async (...parameters) => {
        const connection = await this.#outcome("connect", connector.connect(...parameters));
        const { address, ttl } = connection;
        return { address, ttl, ...this.#countedConnection(connection) };
      },
      resolve: async (name, signal) => {
        const answers = await connector.resolve(name, signal);
        this.#add("resolve", answers.some(({ type }) => type !== "error") ? "answered" : "failed");
        return answers;
      },
    };
  }

  #countedFetcher(fetcher: FetchConnector): FetchConnector {
    return {
      fetch: async (...parameters) =>
        this.#countedConnection(await this.#outcome("fetch", fetcher.fetch(...parameters))),
    };
  }

  get metrics(): readonly Metric[] {
    return [
      {
        name: "tabor_exit_streams_total",
        help: "Streams that clients asked for: connections to sites, and questions for names.",
        kind: "counter",
        bin: STREAMS_BIN,
        value: () =>
          KINDS.flatMap((kind) =>
            RESULTS.map((result) => [{ kind, result }, this.#streams.get(key(kind, result)) ?? 0] as const),
          ),
      },
      {
        name: "tabor_exit_bytes_total",
        help: "Bytes from sites (in) and to them (out).",
        kind: "counter",
        bin: BYTES_BIN,
        value: () => [
          [{ direction: "in" }, this.#bytes.in],
          [{ direction: "out" }, this.#bytes.out],
        ],
      },
    ];
  }

  async #outcome<T>(kind: Kind, opening: Promise<T>): Promise<T> {
    try {
      const opened = await opening;
      this.#add(kind, "answered");
      return opened;
    } catch (thrown) {
      this.#add(kind, isByPolicy(thrown) ? "refused" : "failed");
      throw thrown;
    }
  }

  #add(kind: Kind, result: Result): void {
    this.#streams.set(key(kind, result), (this.#streams.get(key(kind, result)) ?? 0) + 1);
  }

  #countedConnection(connection: Duplex): Duplex {
    return {
      read: async () => {
        const bytes = await connection.read();
        this.#bytes.in += bytes?.length ?? 0;
        return bytes;
      },
      write: (bytes) => {
        this.#bytes.out += bytes.length;
        return connection.write(bytes);
      },
      end: () => {
        connection.end();
      },
      abort: (error) => {
        connection.abort(error);
      },
    };
  }
}

function key(kind: Kind, result: Result): string {
  return `${kind} ${result}`;
}

function isByPolicy(thrown: unknown): boolean {
  return thrown instanceof ExitRefusal && thrown.reason === "exit-policy";
}
