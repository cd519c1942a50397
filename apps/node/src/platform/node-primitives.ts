import type { Primitives } from "@tabor/onion-core";
import { nodeAead } from "./node-aead.ts";
import { nodeHandshake } from "./node-handshake.ts";

/** Every primitive by what this Node does quickest. */
export const nodePrimitives: Primitives = { aead: nodeAead, handshake: nodeHandshake };
