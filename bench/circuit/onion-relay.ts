/** One relay in a process of its own: `onion-relay.ts relay|exit OTHERS`, with the number of other relays. */
import { ExitPolicy } from "@tabor/onion-core";
import { systemClock } from "@tabor/platform";
import { nodeWire } from "./node-wire.ts";
import { runRelay } from "./relay-program.ts";
import { systemNameService } from "../../apps/node/src/exit/name-service.ts";
import { tcpExit } from "../../apps/node/src/exit/tcp-exit.ts";
import { nodePrimitives } from "../../apps/node/src/platform/node-primitives.ts";

const isExit = process.argv[2] === "exit";
const policy = ExitPolicy.parse("accept 127.0.0.0/8:*");
const exit = isExit ? tcpExit({ policy, names: systemNameService, clock: systemClock }) : undefined;
await runRelay({
  wire: nodeWire,
  platform: "node",
  primitives: nodePrimitives,
  exit,
  others: Number(process.argv[3]),
});
