import { inspect } from "node:util";
import { TaborError } from "@tabor/onion-core";
import { beforeAll, describe, expect, test } from "vitest";
import { attempt } from "./testing/attempt.ts";
import {
  certificate,
  derOf,
  Extension,
  generateKeys,
  root,
  SERVER,
  VISITOR,
  type CertificateOptions,
  type Identity,
} from "./testing/certificates.ts";
import { der, SEQUENCE, text } from "./testing/der.ts";

/** RFC 5280 §6 and RFC 9525, from the side of a person who must not be deceived. */

let trusted: Identity;
let stranger: Identity;
let intermediate: Identity;

beforeAll(async () => {
  trusted = await root({ commonName: "Trusted" });
  stranger = await root({ commonName: "Stranger" });
  intermediate = await certificate({ issuer: trusted, ca: {}, commonName: "Intermediate" });
});

const site = (options: CertificateOptions = {}): Promise<Identity> =>
  certificate({ issuer: intermediate, ca: false, names: ["a.example"], purposes: [SERVER], ...options });
const issuer = (options: CertificateOptions = {}): Promise<Identity> =>
  certificate({ issuer: trusted, ca: {}, ...options });

/** A site's certificate, and one between it and the trusted root. */
async function below(between: CertificateOptions, options: CertificateOptions = {}): Promise<Identity[]> {
  const middle = await issuer(between);
  return [await site({ issuer: middle, ...options }), middle];
}

const offer = (chain: readonly Identity[], serverName = "a.example"): ReturnType<typeof attempt> =>
  attempt({ chain, roots: [trusted], serverName });

const day = (year: number, month: number): Date => new Date(Date.UTC(year, month - 1, 1));

describe("holds", () => {
  const cases: Record<string, () => Promise<readonly [readonly Identity[], string?]>> = {
    "a certificate from an intermediate": async () => [[await site(), intermediate]],
    "one from the root itself": async () => [[await site({ issuer: trusted })]],
    "any of several names": async () => [[await site({ names: ["b.example", "a.example"] }), intermediate]],
    "a name in other case": async () => [[await site(), intermediate], "A.Example"],
    "a wildcard, for one label": async () => [
      [await site({ names: ["*.a.example"] }), intermediate],
      "www.a.example",
    ],
    "an IPv4 address": async () => [[await site({ names: ["ip:192.0.2.1"] }), intermediate], "192.0.2.1"],
    "an IPv6 address": async () => [[await site({ names: ["ip:2001:db8::1"] }), intermediate], "2001:db8::1"],
    "a name within its issuer's limits": async () => [await below({ permitted: [{ dns: "example" }] })],
    "a chain as long as it may be": async () => [await below({ ca: { pathLength: 0 } })],
    "a chain in any order, with strangers in it": async () => [
      [await site(), stranger, trusted, intermediate],
    ],
    "no extended purposes at all": async () => [
      [await certificate({ issuer: intermediate, ca: false, names: ["a.example"] }), intermediate],
    ],
    "an Ed25519 key": async () => [[await site({ algorithm: "Ed25519" }), intermediate]],
    "an RSA key": async () => [[await site({ algorithm: "RSA" }), intermediate]],
    "a P-384 key": async () => [[await site({ algorithm: "P-384" }), intermediate]],
  };
  test.each(Object.entries(cases))("%s", async (_, make) => {
    const [chain, serverName] = await make();
    const info = await offer(chain, serverName);
    expect(info).toMatchObject({ version: "TLS 1.3" });
    expect("certificates" in info && info.certificates.map((one) => [...one])).toEqual(
      chain.map((one) => [...derOf(one)]),
    );
  });
});

describe("does not hold", () => {
  type Case = readonly [reason: RegExp, make: () => Promise<readonly [readonly Identity[], string?]>];
  const another = /another name/;
  const untrusted = /issuer that is trusted/;
  const limits = /issuer may not certify/;
  const purpose = /another purpose/;

  const cases: Record<string, Case> = {
    ended: [/ended \(2026-02-01\)/, async () => [[await site({ notAfter: day(2026, 2) }), intermediate]]],
    "not valid until later": [
      /not valid until later \(2026-12-01\)/,
      async () => [[await site({ notBefore: day(2026, 12) }), intermediate]],
    ],
    "an intermediate that ended": [/ended/, async () => [await below({ notAfter: day(2026, 2) })]],
    "an unknown root": [untrusted, async () => [[await site({ issuer: stranger }), stranger]]],
    "its own issuer": [
      untrusted,
      async () => [[await certificate({ ca: false, names: ["a.example"], purposes: [SERVER] })]],
    ],
    "a missing intermediate": [untrusted, async () => [[await site()]]],
    "a root of the same name with another key": [
      /signature does not match|issuer that is trusted/,
      async () => [[await site({ issuer: await root({ commonName: "Trusted" }) })]],
    ],
    "a forged signature": [
      /signature does not match|issuer that is trusted/,
      async () => [[await site({ signedBy: await generateKeys() }), intermediate]],
    ],
    "another name, although the common name matches": [
      another,
      async () => [[await site({ names: ["b.example"], commonName: "a.example" }), intermediate]],
    ],
    "only a common name": [
      another,
      async () => [
        [await certificate({ issuer: intermediate, ca: false, commonName: "a.example" }), intermediate],
      ],
    ],
    "no name at all": [another, async () => [[await site({ names: [] }), intermediate]]],
    "a wildcard for two labels": [
      another,
      async () => [[await site({ names: ["*.example"] }), intermediate], "www.a.example"],
    ],
    "a wildcard for no label": [
      another,
      async () => [[await site({ names: ["*.a.example"] }), intermediate]],
    ],
    "a wildcard in the middle": [
      another,
      async () => [[await site({ names: ["www.*.example"] }), intermediate], "www.a.example"],
    ],
    "part of a label as wildcard": [
      another,
      async () => [[await site({ names: ["w*.a.example"] }), intermediate], "www.a.example"],
    ],
    "a wildcard alone": [another, async () => [[await site({ names: ["*"] }), intermediate], "localhost"]],
    "a name with a zero in it": [
      another,
      async () => [[await site({ names: ["a.example\0.b"] }), intermediate]],
    ],
    "an address, for another": [
      another,
      async () => [[await site({ names: ["ip:192.0.2.2"] }), intermediate], "192.0.2.1"],
    ],
    "an address written as a host name": [
      another,
      async () => [[await site({ names: ["192.0.2.1"] }), intermediate], "192.0.2.1"],
    ],
    "a wildcard, for an address": [
      another,
      async () => [[await site({ names: ["*.0.2.1"] }), intermediate], "192.0.2.1"],
    ],
    "for visitors, not for sites": [
      purpose,
      async () => [[await site({ purposes: [VISITOR] }), intermediate]],
    ],
    "an intermediate that may certify only visitors": [
      purpose,
      async () => [await below({ purposes: [VISITOR] })],
    ],
    "a site's certificate used as an issuer": [
      /may not issue/,
      async () => {
        const other = await site({ names: ["b.example"] });
        return [[await site({ issuer: other }), other, intermediate]];
      },
    ],
    "an issuer that does not say that it is one": [
      /may not issue/,
      async () => {
        const other = await certificate({ issuer: intermediate });
        return [[await site({ issuer: other }), other, intermediate]];
      },
    ],
    "an issuer's own certificate": [
      /an issuer's own/,
      async () => [[await issuer({ names: ["a.example"] })]],
    ],
    "a longer chain than an issuer allows": [
      /may not have others issue/,
      async () => {
        const last = await issuer({ ca: { pathLength: 0 } });
        const [leaf, middle] = await below({ issuer: last });
        return [[leaf, middle, last].filter((one) => one !== undefined)];
      },
    ],
    "outside what an issuer may certify": [
      limits,
      async () => [await below({ permitted: [{ dns: "b.example" }] })],
    ],
    "within what an issuer may not certify": [
      limits,
      async () => [await below({ excluded: [{ dns: "a.example" }] })],
    ],
    "an address outside what an issuer may certify": [
      limits,
      async () => [
        await below(
          { permitted: [{ ip: [192, 0, 2, 0, 255, 255, 255, 0] }] },
          { names: ["ip:198.51.100.1"] },
        ),
        "198.51.100.1",
      ],
    ],
    // RUSTSEC-2026-0099: "*.a.example" also covers names that "www.a.example" as a limit does not allow.
    "a wildcard wider than what its issuer may certify": [
      limits,
      async () => [
        await below({ permitted: [{ dns: "www.a.example" }] }, { names: ["*.a.example"] }),
        "other.a.example",
      ],
    ],
    // RUSTSEC-2026-0098.
    "limits on addresses of pages, which are not understood": [
      limits,
      async () => {
        const middle = await issuer({ excluded: [{ uri: "b.example" }] });
        const more = [uriName("a.example", "https://a.example/")];
        return [[await certificate({ issuer: middle, ca: false, more }), middle]];
      },
    ],
    "a demand that is not understood": [
      /something that we do not know/,
      async () => [[await site({ more: [new Extension("1.2.3.4", true, der(SEQUENCE))] }), intermediate]],
    ],
    "a SHA-1 signature": [
      /not safe|issuer that is trusted/,
      async () => [[await site({ hash: "SHA-1" }), intermediate]],
    ],
    "more issuers than anyone needs": [
      /too many issuers|too long to check|issuer that is trusted/,
      async () => {
        const chain = [intermediate];
        for (let length = 0; length < 12; length++) {
          chain.unshift(await certificate({ issuer: chain[0] ?? intermediate, ca: {} }));
        }
        return [[await site({ issuer: chain[0] ?? intermediate }), ...chain]];
      },
    ],
  };

  test.each(Object.entries(cases))("%s", async (_, [reason, make]) => {
    const [chain, serverName] = await make();
    expect(await offer(chain, serverName)).toMatchObject({
      name: "TaborError",
      code: "not-authentic",
      where: "site",
      message: expect.stringMatching(reason) as string,
    });
  });
});

test("issuers that lead in circles are given up soon", async () => {
  // Every one has the same name, so that each could have issued each: a path builder without bounds tries them all.
  const keys = await generateKeys();
  const crowd = await Promise.all(
    Array.from({ length: 20 }, () => certificate({ commonName: "Crowd", ca: {}, keys })),
  );
  const [any] = crowd;
  const leaf = await site({ ...(any === undefined ? {} : { issuer: any }) });
  expect(await offer([leaf, ...crowd])).toMatchObject({ code: "not-authentic" });
});

test("the same certificate holds or not as the clock says", async () => {
  const chain = [await site(), intermediate];
  const at = (now: number): ReturnType<typeof attempt> => attempt({ chain, roots: [trusted], now });
  expect(await at(Date.UTC(2026, 0, 2))).toHaveProperty("version");
  expect(await at(Date.UTC(2025, 11, 30))).toMatchObject({ code: "not-authentic" });
  expect(await at(Date.UTC(2027, 0, 2))).toMatchObject({ code: "not-authentic" });
});

test("without roots nothing holds", async () => {
  expect(await attempt({ chain: [await site(), intermediate], roots: [] })).toMatchObject({
    code: "not-authentic",
  });
});

test("errors name neither site nor certificate", async () => {
  const error = await offer([await site({ names: ["secret.example"] }), intermediate], "sought.example");
  expect(error).toBeInstanceOf(TaborError);
  expect(inspect(error)).not.toMatch(/secret|sought|Intermediate/);
});

function uriName(host: string, uri: string): Extension {
  return new Extension("2.5.29.17", false, der(SEQUENCE, der(0x82, text(host)), der(0x86, text(uri))));
}
