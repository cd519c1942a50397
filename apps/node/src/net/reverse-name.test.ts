import { describe, expect, test } from "vitest";
import { parseIpAddress } from "./ip-address.ts";
import { isReverseName, parseReverseName, reverseNameOf } from "./reverse-name.ts";

describe("parseReverseName", () => {
  test("reads in-addr.arpa (RFC 1035 §3.5)", () => {
    expect(parseReverseName("1.2.0.192.in-addr.arpa")).toEqual(Uint8Array.of(192, 0, 2, 1));
    expect(parseReverseName("1.2.0.192.IN-ADDR.ARPA.")).toEqual(Uint8Array.of(192, 0, 2, 1));
  });

  test("reads the example of RFC 3596 §2.5", () => {
    const name = "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa";
    const address = [0x43, 0x21, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 5, 0x67, 0x89, 0xab];
    expect(parseReverseName(name)).toEqual(Uint8Array.from(address));
  });

  test.each([
    ...["", "example.com", "in-addr.arpa", "2.0.192.in-addr.arpa", "256.2.0.192.in-addr.arpa"],
    ...[
      "01.2.0.192.in-addr.arpa",
      "5.1.2.0.192.in-addr.arpa",
      "1..0.192.in-addr.arpa",
      "1.0.ip6.arpa",
      "x1.2.0.192.in-addr.arpa",
    ],
  ])("refuses %j", (name) => {
    expect(parseReverseName(name)).toBeNull();
  });
});

test("isReverseName also knows malformed ones, which no resolver need see", () => {
  expect(isReverseName("1.0.ip6.arpa.")).toBe(true);
  expect(isReverseName("arpa.example")).toBe(false);
});

test.each(["192.0.2.1", "2001:db8::567:89ab"])("reverseNameOf %s is read back", (text) => {
  const address = parseIpAddress(text) ?? new Uint8Array(0);
  expect(parseReverseName(reverseNameOf(address))).toEqual(address);
});
