import polyfill from "node-datachannel/polyfill";
import { delayChannels } from "./delay-channels.mjs";

delayChannels(polyfill.RTCDataChannel, Number(process.env["TABOR_BENCH_DELAY_MS"]));
