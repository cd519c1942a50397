import type { QueuedSince, QueueMemory } from "../memory/queue-memory.ts";
import type { Duplex } from "../stream/duplex.ts";
import type { ExitConnector, ExitPorts, FetchConnector } from "../stream/exit-port.ts";

/** What a socket reads ahead, in bytes, while what was read from it last waits for the circuit. */
const READ_AHEAD = 65_536;

/**
 * Counts what the streams of one circuit hold at an exit outside the circuit: a question or a connection that is not there yet, what a site has sent and the
 * circuit does not take, and what a site does not take. There may be a thousand streams, and a client or a site that never reads.
 */
export class HeldByExit {
  readonly #memory: QueueMemory;
  readonly #ports: ExitPorts;
  readonly #pieces = new Set<Piece>();

  constructor(ports: ExitPorts, memory: QueueMemory) {
    this.#ports = ports;
    this.#memory = memory;
  }

  /** Since when the first of it is held. Looks at all. */
  get oldest(): QueuedSince {
    let oldest = Infinity;
    for (const { since } of this.#pieces) oldest = Math.min(oldest, since);
    return oldest;
  }

  /** The same, with what their connections hold counted. */
  get ports(): ExitPorts {
    const { connector, fetcher } = this.#ports;
    return {
      connector: connector && this.#connecting(connector),
      fetcher: fetcher && this.#fetching(fetcher),
    };
  }

  #connecting(connector: ExitConnector): ExitConnector {
    return {
      connect: async (...parameters) => {
        const connection = await this.#opening(() => connector.connect(...parameters));
        const { address, ttl } = connection;
        return { address, ttl, ...this.#counted(connection) };
      },
      resolve: (name, signal) => connector.resolve(name, signal),
    };
  }

  #fetching(fetcher: FetchConnector): FetchConnector {
    return {
      fetch: async (...parameters) => this.#counted(await this.#opening(() => fetcher.fetch(...parameters))),
    };
  }

  async #opening<T>(open: () => Promise<T>): Promise<T> {
    const opening = this.#hold(0);
    try {
      return await open();
    } finally {
      this.#release(opening);
    }
  }

  #counted(connection: Duplex): Duplex {
    let isAborted = false;
    let read: Piece | undefined;
    let written: Piece | undefined;
    return {
      // Who asks for more has passed on what it got.
      read: async () => {
        this.#release(read);
        const bytes = await connection.read();
        // What comes after the end is dropped at once, and nobody would ask for more.
        if (bytes !== null && !isAborted) read = this.#hold(bytes.length + READ_AHEAD);
        this.#memory.check();
        return bytes;
      },
      write: async (bytes) => {
        written = this.#hold(bytes.length);
        this.#memory.check();
        try {
          await connection.write(bytes);
        } finally {
          this.#release(written);
        }
      },
      end: () => {
        connection.end();
      },
      abort: (error) => {
        isAborted = true;
        this.#release(read);
        this.#release(written);
        connection.abort(error);
      },
    };
  }

  #hold(bytes: number): Piece {
    const piece = { bytes, since: this.#memory.add(bytes) };
    this.#pieces.add(piece);
    return piece;
  }

  /** Once: later it does nothing. */
  #release(piece: Piece | undefined): void {
    if (piece !== undefined && this.#pieces.delete(piece)) this.#memory.subtract(piece.bytes);
  }
}

interface Piece {
  readonly bytes: number;
  readonly since: QueuedSince;
}
