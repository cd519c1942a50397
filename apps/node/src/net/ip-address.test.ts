import { describe, expect, test } from "vitest";
import { formatIpAddress, parseIpAddress } from "./ip-address.ts";

describe("parseIpAddress", () => {
  test.each([
    ["192.0.2.1", [192, 0, 2, 1]],
    ["0.0.0.0", [0, 0, 0, 0]],
    ["::1", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ["2001:DB8::a", [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0a]],
  ])("reads %s", (text, bytes) => {
    expect(parseIpAddress(text)).toEqual(Uint8Array.from(bytes));
  });

  test.each(["::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:FFFF:127.0.0.1"])(
    "reads the IPv4-mapped %s as the IPv4 address",
    (text) => {
      expect(parseIpAddress(text)).toEqual(Uint8Array.of(127, 0, 0, 1));
    },
  );

  test.each([
    ...[
      "",
      "localhost",
      "127.1",
      "127.0.0.01",
      "0177.0.0.1",
      "0x7f.1",
      "0x7f000001",
      "2130706433",
      "1.2.3.4.",
    ],
    ...[
      "1.2.3.256",
      "1.2.3.4.5",
      "fe80::1%eth0",
      "fe80::1%1",
      "[::1]",
      "::1::",
      "::ffff:1.2.3",
      " 1.2.3.4",
      "1.2.3.4\n",
    ],
  ])("refuses %j", (text) => {
    expect(parseIpAddress(text)).toBeNull();
  });
});

test.each(["192.0.2.1", "::1", "2001:db8::a:0:0:1"])("formatIpAddress gives %s back", (text) => {
  const address = parseIpAddress(text);
  expect(address && formatIpAddress(address)).toBe(text);
});
