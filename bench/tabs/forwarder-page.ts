/** One plain forwarder in a tab; its address tells who is next (`?site`: this is the last one, and has the site in it). */
import "./long-tasks.ts";
import { MAX_MESSAGE_LENGTH, type DataChannel } from "@tabor/onion-core";
import { browserRtcPlatform } from "@tabor/rtc-link";
import { readSiteRequest } from "../circuit/chain-protocol.ts";
import { forward } from "../circuit/forward.ts";
import { tell } from "../circuit/parent.ts";
import { Wire } from "../circuit/wire.ts";

const BLOCK = new Uint8Array(MAX_MESSAGE_LENGTH).fill(0x5a);
const next = decodeURIComponent(location.search.slice(1));
const wire = new Wire(browserRtcPlatform());

wire.answer((channel) => {
  if (next === "site") serve(channel);
  else void forward(channel, wire.dial(next), () => undefined);
});
tell({ type: "links", count: 0 });

function serve(previous: DataChannel): void {
  let [awaited, left] = [0, 0];
  let hasRoom = true;
  const give = (): void => {
    for (; hasRoom && left > 0; left -= BLOCK.length)
      hasRoom = previous.send(BLOCK.subarray(0, Math.min(left, BLOCK.length)));
  };
  previous.receive({
    message: (bytes) => {
      if (awaited > 0) awaited -= bytes.length;
      else {
        const { transfer } = readSiteRequest(bytes);
        ({ up: awaited, down: left } = transfer);
      }
      if (awaited <= 0) give();
    },
    drained: () => {
      hasRoom = true;
      if (awaited <= 0) give();
    },
    closed: () => undefined,
  });
  tell({ type: "links", count: 1 });
}
