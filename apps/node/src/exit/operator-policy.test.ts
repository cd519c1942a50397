import { describe, expect, test } from "vitest";
import { operatorPolicy } from "./operator-policy.ts";

const OWN = ["8.8.4.4", "2600::1", "127.0.0.1"];
const own4 = Uint8Array.of(8, 8, 4, 4);
const own6 = Uint8Array.of(0x26, 0, ...new Uint8Array(13), 1);
const site = Uint8Array.of(8, 8, 8, 8);

describe("operatorPolicy", () => {
  test("refuses the machine's own addresses, public ones too", () => {
    const policy = operatorPolicy("", OWN);
    expect([own4, own6, site].map((address) => policy.allows(address, 443))).toEqual([false, false, true]);
  });

  test("lets the operator's rules come first", () => {
    const policy = operatorPolicy("accept 8.8.4.4:80,accept 127.0.0.0/8:*", OWN);
    expect(policy.allows(own4, 80)).toBe(true);
    expect(policy.allows(own4, 443)).toBe(false);
    expect(policy.allows(Uint8Array.of(127, 0, 0, 1), 443)).toBe(true);
  });

  test("leaves the ports that clients see as they are", () => {
    expect(operatorPolicy("", OWN).summary(4)).toBe(operatorPolicy("", []).summary(4));
  });

  test("knows the addresses of this machine, in a form that policies take", () => {
    expect(() => operatorPolicy("")).not.toThrow();
  });

  test("says what is wrong with a rule", () => {
    expect(() => operatorPolicy("allow *:*", OWN)).toThrow("allow *:*");
  });
});
