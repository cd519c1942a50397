import { expect, test } from "vitest";
import { bytesToHex, type ErrorCode } from "@tabor/onion-core";
import { encodeReply, REPLY, replyCodeOf } from "./reply.ts";

test("encodeReply carries an address or a name (RFC 1928 §6)", () => {
  expect(bytesToHex(encodeReply(REPLY.succeeded))).toBe("05000001000000000000");
  expect(bytesToHex(encodeReply(REPLY.succeeded, { address: Uint8Array.of(192, 0, 2, 1) }))).toBe(
    "05000001c00002010000",
  );
  expect(bytesToHex(encodeReply(REPLY.succeeded, { address: new Uint8Array(16) }))).toBe(
    `05000004${"00".repeat(18)}`,
  );
  expect(bytesToHex(encodeReply(REPLY.succeeded, { name: "ab" }))).toBe("050000030261620000");
});

const expected: Readonly<Record<ErrorCode, number>> = {
  "exit-policy": 2,
  unreachable: 4,
  "resolve-failed": 4,
  refused: 5,
  timeout: 6,
  malformed: 1,
  protocol: 1,
  "not-authentic": 1,
  "not-a-member": 1,
  expired: 1,
  "resource-limit": 1,
  closed: 1,
  "no-path": 1,
  reset: 1,
  usage: 1,
  aborted: 1,
};

test.each(Object.entries(expected))("replyCodeOf %s is %i", (code, reply) => {
  expect(replyCodeOf(code as ErrorCode)).toBe(reply);
});
