import { dataChannelContract, VirtualClock } from "@tabor/onion-core/testing";
import { afterAll, test } from "vitest";
import { endNodeRtc, nodeRtcPlatform } from "./node.ts";
import { connectedPair } from "./testing/connected-pair.ts";

afterAll(endNodeRtc);

const platform = nodeRtcPlatform({ bindAddress: "127.0.0.1" });
/** The network takes its own time; deadlines pass when a test says so. */
const clock = new VirtualClock();

test.each(dataChannelContract(() => connectedPair({ platform, clock })))(
  "a data channel in Node: $name",
  ({ run }) => run(),
);
