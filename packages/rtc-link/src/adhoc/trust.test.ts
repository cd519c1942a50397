import { relayId } from "@tabor/onion-core";
import { parseHostAddress } from "@tabor/signal-protocol";
import { expect, test } from "vitest";
import { HostTrust, type Pins } from "./trust.ts";

const address = parseHostAddress("127.0.0.1:9001");
const other = parseHostAddress("127.0.0.1:9002");
const [key, key2] = [1, 2].map((n) => relayId(new Uint8Array(32).fill(n))) as [
  ReturnType<typeof relayId>,
  ReturnType<typeof relayId>,
];

test("a host that is named is believed with that authority only", () => {
  const trust = new HostTrust([{ address, authority: key }]);
  expect(trust.authorityOf(address)).toBe(key);
  trust.proved(address, key);
  expect(() => {
    trust.proved(address, key2);
  }).toThrow(expect.objectContaining({ code: "not-authentic" }));
});

test("another is pinned to the first that it proves, which is kept", () => {
  const saved: Pins[] = [];
  const trust = new HostTrust([{ address }, { address: other }], new Map(), (pins) =>
    saved.push(new Map(pins)),
  );
  expect(trust.authorityOf(address)).toBeUndefined();
  trust.proved(address, key);
  trust.proved(address, key);
  trust.proved(other, key2);
  expect(saved).toEqual([
    new Map([[address, key]]),
    new Map([
      [address, key],
      [other, key2],
    ]),
  ]);
  expect(() => {
    trust.proved(address, key2);
  }).toThrow(expect.objectContaining({ code: "not-authentic" }));
  const later = new HostTrust([{ address }], saved.at(-1));
  expect(later.authorityOf(address)).toBe(key);
});

test("what is named counts more than what was pinned before", () => {
  const trust = new HostTrust([{ address, authority: key2 }], new Map([[address, key]]));
  expect(trust.authorityOf(address)).toBe(key2);
});
