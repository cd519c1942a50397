import { expect, it } from "vitest";
import { addressBlock } from "./address-block.ts";
import { EventLimits } from "./event-limits.ts";

it("counts IPv4 addresses each by itself, however they are written", () => {
  expect(addressBlock("192.0.2.7")).toBe("192.0.2.7");
  expect(addressBlock("::ffff:192.0.2.7")).toBe("192.0.2.7");
  expect(addressBlock("::FFFF:c000:207")).toBe("192.0.2.7");
  expect(addressBlock("192.0.2.8")).not.toBe(addressBlock("192.0.2.7"));
});

it("counts all of an IPv6 /64 as one, and no more", () => {
  const one = addressBlock("2001:db8:1:2::1");
  for (const other of ["2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:0DB8:1:2:0:0:0:1", "2001:db8:1:2::"]) {
    expect(addressBlock(other)).toBe(one);
  }
  for (const other of ["2001:db8:1:3::1", "2001:db8:0:2::1", "::1"])
    expect(addressBlock(other)).not.toBe(one);
  expect(addressBlock("fe80::1%eth0")).toBe(addressBlock("fe80::2%eth0"));
});

it("takes what is no address as it is", () => {
  for (const text of ["", "unknown", "::1::"]) expect(addressBlock(text)).toBe(text);
});

it("refuses a host that comes from ever other addresses of its network, and not its neighbour", async () => {
  const limits = new EventLimits();
  const tries = Array.from({ length: 31 }, (_, i) => `2001:db8::${(i + 1).toString(16)}`);
  for (const address of tries) await limits.joinFailed(address);
  expect(await limits.allowConnection("2001:db8::abcd")).toBe(false);
  expect(await limits.allowConnection("2001:db8:0:1::1")).toBe(true);
});
