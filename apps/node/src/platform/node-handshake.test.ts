import { describe, expect, test } from "vitest";
import { mlKem768, webHandshake } from "@tabor/onion-core";
import { handshakeCryptoContract } from "@tabor/onion-core/testing";
import { liboqsMlKem } from "./liboqs-ml-kem.ts";
import { nodeHandshake } from "./node-handshake.ts";

/** What Node 20 uses, also where this Node has better. */
const withLiboqs = { ...nodeHandshake, kem: await liboqsMlKem() };

describe("nodeHandshake", () => {
  for (const { name, run } of handshakeCryptoContract(nodeHandshake)) test(name, run);
  for (const { name, run } of handshakeCryptoContract(withLiboqs)) test(`liboqs, ${name}`, run);

  test("agrees with WebCrypto", async () => {
    const node = await nodeHandshake.generateKeyPair();
    const web = await webHandshake.generateKeyPair();
    expect(await node.agree(web.publicKey)).toEqual(await web.agree(node.publicKey));
  });

  test("agrees with the library on ML-KEM, both ways", async () => {
    for (const [sender, receiver] of [
      [nodeHandshake.kem, mlKem768],
      [mlKem768, nodeHandshake.kem],
    ] as const) {
      const pair = await receiver.generateKeyPair();
      const { ciphertext, secret } = await sender.encapsulate(pair.publicKey);
      expect(await pair.decapsulate(ciphertext)).toEqual(secret);
    }
  });

  test("answers at once", () => {
    expect(nodeHandshake.generateKeyPair()).not.toBeInstanceOf(Promise);
    expect(nodeHandshake.kem.generateKeyPair()).not.toBeInstanceOf(Promise);
    expect(nodeHandshake.applyKeyStream(new Uint8Array(32), new Uint8Array(3))).toBeInstanceOf(Uint8Array);
  });
});
