import { describe, expect, test } from "vitest";
import { webAead } from "@tabor/onion-core";
import { aeadContract } from "@tabor/onion-core/testing";
import { cipherivAead } from "./cipheriv-aead.ts";
import { nodeAead } from "./node-aead.ts";
import { loadOpenssl } from "./openssl.ts";
import { opensslAead } from "./openssl-aead.ts";

const openssl = loadOpenssl();

test("Node's own builds export OpenSSL", () => {
  expect(openssl).toBeDefined();
});

const aeads = [
  { name: "OpenSSL", aead: openssl === undefined ? nodeAead : opensslAead(openssl) },
  { name: "Cipheriv", aead: cipherivAead },
];

describe.each(aeads)("$name", ({ aead }) => {
  for (const { name, run } of aeadContract(aead)) test(name, run);

  test("answers at once", async () => {
    const key = await aead.importKey(new Uint8Array(32));
    const sealed = key.seal(new Uint8Array(12), new Uint8Array(10));
    expect(sealed).toBeInstanceOf(Uint8Array);
    expect(key.open(new Uint8Array(12), sealed as Uint8Array)).toEqual(new Uint8Array(10));
  });

  test("opens what WebCrypto sealed, and the reverse", async () => {
    const node = await aead.importKey(new Uint8Array(32).fill(7));
    const web = await webAead.importKey(new Uint8Array(32).fill(7));
    const nonce = new Uint8Array(12).fill(1);
    const message = new Uint8Array(2027).fill(5);
    expect(await node.open(nonce, await web.seal(nonce, message))).toEqual(message);
    expect(await web.open(nonce, await node.seal(nonce, message))).toEqual(message);
  });

  test("keys do not get in each other's way", async () => {
    const [a, b] = await Promise.all([1, 2].map((fill) => aead.importKey(new Uint8Array(32).fill(fill))));
    const nonce = new Uint8Array(12);
    const sealed = await a?.seal(nonce, new Uint8Array(20));
    expect(await b?.open(nonce, await b.seal(nonce, new Uint8Array(30)))).toEqual(new Uint8Array(30));
    if (sealed === undefined) throw new Error("sealed");
    expect(await b?.open(nonce, sealed)).toBeNull();
    expect(await a?.open(nonce, sealed)).toEqual(new Uint8Array(20));
  });
});

test("native code is given nonces of 12 bytes only", async () => {
  const key = await nodeAead.importKey(new Uint8Array(32));
  for (const length of [0, 11, 13]) {
    expect(() => key.seal(new Uint8Array(length), new Uint8Array(10))).toThrow("a nonce has 12 bytes");
    expect(() => key.open(new Uint8Array(length), new Uint8Array(26))).toThrow("a nonce has 12 bytes");
  }
});

test("native code is given room for all that it writes", async () => {
  const key = await nodeAead.importKey(new Uint8Array(32));
  expect(() => key.seal(new Uint8Array(12), new Uint8Array(10), new Uint8Array(25))).toThrow(
    "not its length",
  );
  expect(() => key.open(new Uint8Array(12), new Uint8Array(26), new Uint8Array(9))).toThrow("not its length");
});
