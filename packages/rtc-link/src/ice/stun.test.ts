import { bytesToHex, hexToBytes } from "@tabor/onion-core";
import { expect, test } from "vitest";
import { bindingRequest, mappedAddress } from "./stun.ts";

/** RFC 5769 §2.2: a server named "test vector" saw 192.0.2.1, port 32853. */
const ANSWER = hexToBytes(
  "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643" +
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96",
);
const TRANSACTION = hexToBytes("b7e7a701bc34d686fa87dfae");

test("a request is a header with our transaction", () => {
  expect(bytesToHex(bindingRequest(TRANSACTION))).toBe("000100002112a442b7e7a701bc34d686fa87dfae");
});

test("the address of RFC 5769's sample response is read", () => {
  expect(mappedAddress(ANSWER, TRANSACTION)).toBe("192.0.2.1:32853");
  const framed = new Uint8Array(ANSWER.length + 3);
  framed.set(ANSWER, 3);
  expect(mappedAddress(framed.subarray(3), TRANSACTION)).toBe("192.0.2.1:32853");
});

test("what is no whole answer to this request is nothing", () => {
  for (let length = 0; length < ANSWER.length; length++)
    expect(mappedAddress(ANSWER.subarray(0, length), TRANSACTION)).toBeUndefined();
  expect(mappedAddress(Uint8Array.from([...ANSWER, 0]), TRANSACTION)).toBeUndefined();
  for (const at of [0, 1, 4, 8, 19, 41]) {
    const changed = ANSWER.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    expect(mappedAddress(changed, TRANSACTION), `byte ${String(at)}`).toBeUndefined();
  }
});
