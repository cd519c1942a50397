import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { encapsulateWith, mlKem768 } from "./ml-kem-768.ts";
import { bytesToHex, hexToBytes } from "../bytes/bytes.ts";

type Case = Readonly<Record<"name" | "result" | "seed" | "m" | "ek" | "c" | "K", string>> & {
  readonly tcId: number;
};

const file = new URL("../../test-vectors/ml-kem-768.json", import.meta.url);
const { keygen, encaps, decaps } = JSON.parse(readFileSync(file, "utf8")) as Record<
  "keygen" | "encaps" | "decaps",
  readonly Case[]
>;

const refused = { code: "not-authentic", message: "ML-KEM-768 input refused" };
const valid = ({ result }: Case) => result === "valid";
const invalid = ({ result }: Case) => result === "invalid";

describe("Wycheproof: key pairs", () => {
  test.each(keygen)("$tcId $name", async ({ seed, ek }) => {
    const { publicKey } = await mlKem768.importKeyPair(hexToBytes(seed));
    expect(bytesToHex(publicKey)).toBe(ek);
  });
});

describe("Wycheproof: encapsulation", () => {
  test.each(encaps.filter(valid))("$tcId $name", ({ ek, m, c, K }) => {
    const { ciphertext, secret } = encapsulateWith(hexToBytes(ek), hexToBytes(m));
    expect([ciphertext, secret].map(bytesToHex)).toEqual([c, K]);
  });

  test.each(encaps.filter(invalid))("refuses $tcId $name", async ({ ek }) => {
    await expect((async () => mlKem768.encapsulate(hexToBytes(ek)))()).rejects.toMatchObject(refused);
  });
});

describe("Wycheproof: decapsulation", () => {
  const secretOf = async ({ seed, c }: Case) =>
    (await mlKem768.importKeyPair(hexToBytes(seed))).decapsulate(hexToBytes(c));

  // Ciphertexts that were made for no key or changed on their way are valid: they give a secret that nobody else has.
  test.each(decaps.filter(valid))("$tcId $name", async (vector) => {
    expect(bytesToHex(await secretOf(vector))).toBe(vector.K);
  });

  test.each(decaps.filter(invalid))("refuses $tcId $name", async (vector) => {
    await expect(secretOf(vector)).rejects.toMatchObject(refused);
  });
});

test("the file has every kind of case", () => {
  const counts = [
    keygen,
    encaps.filter(valid),
    encaps.filter(invalid),
    decaps.filter(valid),
    decaps.filter(invalid),
  ];
  expect(counts.map(({ length }) => length)).toEqual([5, 14, 22, 20, 8]);
});
