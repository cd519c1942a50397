import { test } from "vitest";
import { dataChannelContract } from "./data-channel-contract.ts";
import { memoryDataChannel } from "./memory-data-channel.ts";
import { VirtualClock } from "./virtual-clock.ts";

const contract = dataChannelContract(() => Promise.resolve(memoryDataChannel({ clock: new VirtualClock() })));

test.each(contract)("a data channel in memory: $name", ({ run }) => run());
