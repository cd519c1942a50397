import type { Download } from "@tabor/browsing";
import { PortDuplex } from "@tabor/browsing/view";
import { toTaborError, type Duplex } from "@tabor/onion-core";

/** Bytes that are gathered before the browser gets them: it may keep large pieces outside of memory. */
const PIECE = 1 << 22;

/** Keeps a download that comes on `port`, and says when it has. Never throws. */
export async function saveDownload(
  download: Download,
  port: MessagePort,
  save: (file: Blob, name: string) => void,
): Promise<void> {
  const stream = new PortDuplex(port);
  try {
    const file = await fileOf(stream, download.type);
    save(file, download.fileName);
    stream.end();
  } catch (thrown) {
    stream.abort(toTaborError(thrown, "here", "saving a download"));
  }
}

async function fileOf(stream: Duplex, type: string): Promise<Blob> {
  const parts: Blob[] = [];
  let piece: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) {
    piece.push(bytes as Uint8Array<ArrayBuffer>);
    length += bytes.length;
    if (length < PIECE) continue;
    parts.push(new Blob(piece));
    piece = [];
    length = 0;
  }
  return new Blob([...parts, ...piece], { type });
}
