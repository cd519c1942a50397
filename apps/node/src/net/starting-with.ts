import type { Duplex } from "@tabor/onion-core";

/** The same stream, of which `first` is read before anything else. */
export function startingWith(first: Uint8Array, duplex: Duplex): Duplex {
  let waiting = first.length > 0;
  return {
    read: () => {
      if (!waiting) return duplex.read();
      waiting = false;
      return Promise.resolve(first);
    },
    write: (bytes) => duplex.write(bytes),
    end: () => {
      duplex.end();
    },
    abort: (error) => {
      duplex.abort(error);
    },
  };
}
