import { TaborError } from "@tabor/onion-core";
import type { OpenSink } from "./file-sink.ts";

/** What is held of a file in a browser that gives us no disk. */
const MAX_BYTES = 512 << 20;

/** In pieces that the browser may keep outside of memory, or not; the last resort. @throws resource-limit beyond 512 MiB. */
export function pieces(handOver: (file: Blob, name: string) => void): OpenSink {
  return ({ fileName, type, total = 0 }) => {
    if (total > MAX_BYTES) throw tooLarge();
    let parts: Blob[] = [];
    let length = 0;
    return Promise.resolve({
      write: (bytes) => {
        length += bytes.length;
        if (length > MAX_BYTES) return Promise.reject(tooLarge());
        parts.push(new Blob([bytes]));
        return Promise.resolve();
      },
      close: () => {
        handOver(new Blob(parts, { type }), fileName);
        parts = [];
        return Promise.resolve();
      },
      abort: () => {
        parts = [];
        return Promise.resolve();
      },
    });
  };
}

function tooLarge(): TaborError {
  return new TaborError(
    "resource-limit",
    "here",
    "this browser lets web apps keep no more than 512 MiB of a file; in Chromium, or outside of private windows, there is no such limit",
  );
}
