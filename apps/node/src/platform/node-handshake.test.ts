import { describe, expect, test } from "vitest";
import { webHandshake } from "@tabor/onion-core";
import { handshakeCryptoContract } from "@tabor/onion-core/testing";
import { nodeHandshake } from "./node-handshake.ts";

describe("nodeHandshake", () => {
  for (const { name, run } of handshakeCryptoContract(nodeHandshake)) test(name, run);

  test("agrees with WebCrypto", async () => {
    const node = await nodeHandshake.generateKeyPair();
    const web = await webHandshake.generateKeyPair();
    expect(await node.agree(web.publicKey)).toEqual(await web.agree(node.publicKey));
  });

  test("answers at once", () => {
    expect(nodeHandshake.generateKeyPair()).not.toBeInstanceOf(Promise);
    expect(nodeHandshake.applyKeyStream(new Uint8Array(32), new Uint8Array(3))).toBeInstanceOf(Uint8Array);
  });
});
