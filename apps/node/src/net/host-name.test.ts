import { expect, test } from "vitest";
import { isHostName } from "./host-name.ts";

const longest = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(61)}`;

test.each([
  "localhost",
  "example.com",
  "example.com.",
  "EXAMPLE.com",
  "xn--bcher-kva.example",
  "_dmarc.example",
  "3com.com",
  "0x7f.1.example",
  longest,
])("%s is a host name", (name) => {
  expect(isHostName(name)).toBe(true);
});

test.each([
  ...[
    "",
    ".",
    "..",
    ".example",
    "a..b",
    "-a.example",
    "a-.example",
    `${"a".repeat(64)}.example`,
    `${longest}e`,
  ],
  ...["a b", "a\0b", "a/b", "a:b", "bücher.example", "[::1]", "fe80::1%eth0", "a@b", "a\n"],
])("%j is no host name", (name) => {
  expect(isHostName(name)).toBe(false);
});

test.each([
  "2130706433",
  "0x7f000001",
  "0x7f.1",
  "127.1",
  "0177.0.0.1",
  "1.2.3.4.",
  "example.0x",
  "example.123",
  "1.2.3.4.5",
])("%s is no host name: a resolver could read it as an IPv4 address", (name) => {
  expect(isHostName(name)).toBe(false);
});
