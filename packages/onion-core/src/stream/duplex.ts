import { toTaborError, type TaborError } from "../errors.ts";

/**
 * A byte stream in both directions with back-pressure: an onion stream on either end, a TCP connection, a SOCKS
 * client. Each direction ends on its own.
 */
export interface Duplex {
  /**
   * The next bytes, at least one; null at the end of the other side's direction. One read at a time.
   * @throws the `TaborError` with which the stream broke.
   */
  read(): Promise<Uint8Array | null>;

  /**
   * Sends bytes; resolves when there is room for more. One write at a time; the buffer must not change until then.
   * @throws the `TaborError` with which the stream broke.
   */
  write(bytes: Uint8Array): Promise<void>;

  /** Ends our direction after what was written; the other side's goes on. Does nothing after `abort`. */
  end(): void;

  /** Ends both directions at once and drops what is under way; pending reads and writes throw. */
  abort(error: TaborError): void;
}

/** The same stream, of which `first` is read before anything else. */
export function startingWith(first: Uint8Array, stream: Duplex): Duplex {
  let waiting = first.length > 0;
  return {
    read: () => {
      if (!waiting) return stream.read();
      waiting = false;
      return Promise.resolve(first);
    },
    write: (bytes) => stream.write(bytes),
    end: () => {
      stream.end();
    },
    abort: (error) => {
      stream.abort(error);
    },
  };
}

/** Carries everything from `source` to `sink`, then the end of it. @throws the error of whichever side broke. */
export async function pump(source: Duplex, sink: Duplex): Promise<void> {
  for (let bytes = await source.read(); bytes !== null; bytes = await source.read()) await sink.write(bytes);
  sink.end();
}

/** Joins two streams until both directions have ended; if either breaks, aborts both and rethrows. */
export async function splice(a: Duplex, b: Duplex): Promise<void> {
  const abortBoth = (thrown: unknown): never => {
    const error = toTaborError(thrown, "here", "joining two streams");
    a.abort(error);
    b.abort(error);
    throw error;
  };
  await Promise.all([pump(a, b).catch(abortBoth), pump(b, a).catch(abortBoth)]);
}
