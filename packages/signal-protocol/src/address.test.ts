import { relayId, TaborError } from "@tabor/onion-core";
import { describe, expect, it } from "vitest";
import { clientAddress, parseAddress, relayAddress, roleOf } from "./address.ts";

const relay = relayAddress(relayId(new Uint8Array(32).fill(7)));
const client = clientAddress(new Uint8Array(16).fill(7));

describe("address", () => {
  it("has the lengths of SPEC §9.3 and reads back", () => {
    expect(relay).toMatch(/^relay:[\w-]{43}$/);
    expect(client).toMatch(/^client:[\w-]{22}$/);
    expect(parseAddress(relay)).toBe(relay);
    expect(parseAddress(client)).toBe(client);
    expect([roleOf(relay), roleOf(client)]).toEqual(["relay", "client"]);
  });

  it.each([
    "",
    "relay:",
    "client:",
    relay.slice(0, -1),
    `${relay}A`,
    client.slice(0, -1),
    `${client}A`,
    relay.replace("relay", "client"),
    client.replace("client", "relay"),
    relay.toUpperCase(),
    ` ${relay}`,
    `${client}\n`,
    // The last character carries spare bits: one name must not have several spellings.
    `${relay.slice(0, -1)}d`,
    `${client.slice(0, -1)}x`,
    "__proto__",
  ])("refuses %j", (text) => {
    expect(() => parseAddress(text)).toThrow(TaborError);
  });

  it("of a client takes exactly 16 bytes", () => {
    expect(() => clientAddress(new Uint8Array(15))).toThrow(TaborError);
  });
});
