import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { parseIpAddress } from "./ip-network.ts";
import { isGlobalUnicast } from "./private-ranges.ts";

function isGlobal(text: string): boolean {
  const address = parseIpAddress(text);
  if (!address) throw new Error(`not an address: ${text}`);
  return isGlobalUnicast(address);
}

describe("isGlobalUnicast", () => {
  test.each([
    ["this machine", ["127.0.0.1", "127.255.255.255", "0.0.0.0", "0.1.2.3", "::", "::1"]],
    ["a LAN", ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fd12::1", "fc00::1", "fec0::1"]],
    ["link-local", ["169.254.0.1", "fe80::1", "febf::1"]],
    [
      "metadata of a cloud",
      ["169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192"],
    ],
    ["the host agent of a cloud", ["168.63.129.16"]],
    ["carrier-grade NAT", ["100.64.0.1", "100.127.255.255"]],
    ["multicast and broadcast", ["224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1"]],
    ["reserved", ["240.0.0.1", "4000::1", "fe00::1", "1fff::1", "5f00::1", "100::1", "200::1"]],
    ["documentation", ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"]],
    ["benchmarking", ["198.18.0.1", "198.19.255.255", "2001:2::1"]],
    ["IPv4-mapped", ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"]],
    ["IPv4-compatible and -translated", ["::7f00:1", "::808:808", "::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"]],
    ["NAT64", ["64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "64:ff9b:1:fffe::8.8.8.8"]],
    ["6to4", ["2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1"]],
    ["Teredo and ORCHID", ["2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:20::1"]],
  ])("no: %s", (_, addresses) => {
    expect(addresses.filter(isGlobal)).toEqual([]);
  });

  test("yes: what has a site behind it", () => {
    const addresses = [
      ...[
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "223.255.255.255",
      ],
      ...["192.0.1.0", "11.0.0.0", "128.0.0.1", "168.63.129.17", "169.253.255.255"],
      ...["2600::1", "2001:4860:4860::8888", "2a00:1450::1", "2003::1"],
      ...["::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"],
    ];
    expect(addresses.filter((address) => !isGlobal(address))).toEqual([]);
  });

  test("never yes where ipaddr.js knows a special range", () => {
    const octets = fc.uint8Array({ minLength: 4, maxLength: 4 });
    const carriers = new Set(["ipv4Mapped", "rfc6052", "6to4"]);
    const agrees = (bytes: Uint8Array): boolean => {
      const range = ipaddr.fromByteArray([...bytes]).range();
      return !isGlobalUnicast(bytes) || range === "unicast" || carriers.has(range);
    };
    fc.assert(fc.property(octets, agrees), { numRuns: 2000 });
    fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), agrees), { numRuns: 2000 });
  });
});

test.each([
  "",
  "1.2.3",
  "1.2.3.4.5",
  "256.1.1.1",
  "01.2.3.4",
  "0x7f000001",
  "2130706433",
  "::1%lo",
  "[::1]",
  "::8.8.8.8",
  "localhost",
])("not an address: %j", (text) => {
  expect(parseIpAddress(text)).toBeUndefined();
});
