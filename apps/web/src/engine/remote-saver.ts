import type { DownloadSaver } from "@tabor/browsing";
import { PortDuplex } from "@tabor/browsing/view";
import { toTaborError } from "@tabor/onion-core";
import type { FromWorker } from "./messages.ts";

/** Sends downloads to the page, which alone can save them; no faster than it takes them. */
export function remoteSaver(ask: (message: FromWorker, ports: MessagePort[]) => void): DownloadSaver {
  return {
    save: async (download, bytes) => {
      const { port1, port2 } = new MessageChannel();
      const stream = new PortDuplex(port1);
      ask({ type: "save", download }, [port2]);
      try {
        for await (const piece of bytes) await stream.write(piece);
        stream.end();
        // The page ends its direction when all has been kept.
        await stream.read();
      } catch (thrown) {
        stream.abort(toTaborError(thrown, "here", "saving a download"));
        throw thrown;
      }
    },
  };
}
