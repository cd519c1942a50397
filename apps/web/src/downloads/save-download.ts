import type { Download } from "@tabor/browsing";
import { PortDuplex } from "@tabor/browsing/view";
import { concat, toTaborError, type Duplex } from "@tabor/onion-core";
import type { FileSink } from "./file-sink.ts";

/** Bytes that are gathered before they are written: each writing is a journey to another process. */
const PIECE = 1 << 20;

/** Keeps a download that comes on `port`, no faster than it can be kept, and says when it has been. Never throws. */
export async function saveDownload(
  download: Download,
  port: MessagePort,
  openSink: (download: Download) => Promise<FileSink>,
): Promise<void> {
  const stream = new PortDuplex(port);
  let sink: FileSink | undefined;
  try {
    sink = await openSink(download);
    await copy(stream, sink);
    await sink.close();
    stream.end();
  } catch (thrown) {
    stream.abort(toTaborError(thrown, "here", "saving a download"));
    await sink?.abort();
  }
}

async function copy(from: Duplex, to: FileSink): Promise<void> {
  let gathered: Uint8Array[] = [];
  let length = 0;
  for (let bytes = await from.read(); bytes !== null; bytes = await from.read()) {
    gathered.push(bytes);
    length += bytes.length;
    if (length < PIECE) continue;
    await to.write(concat(...gathered));
    gathered = [];
    length = 0;
  }
  if (length > 0) await to.write(concat(...gathered));
}
