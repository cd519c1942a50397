import { describe, expect, test } from "vitest";
import { webAead } from "@tabor/onion-core";
import { aeadContract } from "@tabor/onion-core/testing";
import { nodeAead } from "./node-aead.ts";

describe("nodeAead", () => {
  for (const { name, run } of aeadContract(nodeAead)) test(name, run);

  test("answers at once", async () => {
    const key = await nodeAead.importKey(new Uint8Array(32));
    const sealed = key.seal(new Uint8Array(12), new Uint8Array(10));
    expect(sealed).toBeInstanceOf(Uint8Array);
    expect(key.open(new Uint8Array(12), sealed as Uint8Array)).toEqual(new Uint8Array(10));
  });

  test("opens what WebCrypto sealed, and the reverse", async () => {
    const [node, web] = await Promise.all(
      [nodeAead, webAead].map((each) => each.importKey(new Uint8Array(32).fill(7))),
    );
    if (node === undefined || web === undefined) throw new Error("two keys");
    const nonce = new Uint8Array(12).fill(1);
    const message = new Uint8Array(2027).fill(5);
    expect(await node.open(nonce, await web.seal(nonce, message))).toEqual(message);
    expect(await web.open(nonce, await node.seal(nonce, message))).toEqual(message);
  });
});
