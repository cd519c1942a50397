import { nodeRtcPlatform } from "@tabor/rtc-link/node";
import { Wire } from "./wire.ts";

export const nodeWire = new Wire(nodeRtcPlatform({ bindAddress: "127.0.0.1" }));
