import { TaborError } from "@tabor/onion-core";
import type { FileSink } from "./file-sink.ts";

/** What can be written is written at once, and no faster than the disk takes it. */
export function toWritable(file: FileSystemWritableFileStream): FileSink {
  return {
    write: (bytes) => file.write(bytes).catch(refuse),
    close: () => file.close().catch(refuse),
    abort: () => file.abort().catch(() => undefined),
  };
}

export function isNamed(thrown: unknown, name: string): boolean {
  return thrown instanceof DOMException && thrown.name === name;
}

function refuse(thrown: unknown): never {
  const isFull = isNamed(thrown, "QuotaExceededError");
  const message = isFull ? "there is no room left for the file" : "the file could not be written";
  throw new TaborError("resource-limit", "here", message, { cause: thrown });
}
