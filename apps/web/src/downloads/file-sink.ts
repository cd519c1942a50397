import type { Download } from "@tabor/browsing";
import { TaborError } from "@tabor/onion-core";

/** Where one download is kept. */
export interface FileSink {
  /** Resolves once there is room for more. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** All is there: the person has the file from now on. */
  close(): Promise<void>;
  /** What was written is forgotten. Never throws. */
  abort(): Promise<void>;
}

/** Ways to keep a file, the best first; undefined: this browser does not have it. */
export type OpenSink = (download: Download) => Promise<FileSink | undefined>;

/** The first way that this browser has. @throws aborted if the person thinks better of it; resource-limit. */
export async function firstSink(ways: readonly OpenSink[], download: Download): Promise<FileSink> {
  for (const open of ways) {
    const sink = await open(download);
    if (sink !== undefined) return sink;
  }
  throw new TaborError("resource-limit", "here", "this browser has no place for files");
}
