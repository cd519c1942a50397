import { describe, test } from "vitest";
import { webHandshake } from "./web-primitives.ts";
import { handshakeCryptoContract } from "../testing/handshake-crypto-contract.ts";

describe("webHandshake", () => {
  for (const { name, run } of handshakeCryptoContract(webHandshake)) test(name, run);
});
