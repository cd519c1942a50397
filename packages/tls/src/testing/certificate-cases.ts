import { certificate, Extension, generateKeys, root, SERVER, VISITOR } from "./certificates.ts";
import type { CertificateOptions, Identity } from "./certificates.ts";
import { der, SEQUENCE, text } from "./der.ts";

/** Certificates that hold or do not (RFC 5280 §6, RFC 9525), for every place where our TLS runs. */

export interface Issuers {
  readonly trusted: Identity;
  readonly stranger: Identity;
  /** Certified by `trusted`. */
  readonly intermediate: Identity;
}

/** The chain that a site shows, and the name that it is called by; "a.example" unless it says otherwise. */
type Make = () => Promise<readonly [chain: readonly Identity[], serverName?: string]>;

export interface CertificateCases {
  readonly holds: Readonly<Record<string, Make>>;
  /** With what a person is told. */
  readonly doesNotHold: Readonly<Record<string, readonly [reason: RegExp, make: Make]>>;
}

export async function issuers(): Promise<Issuers> {
  const [trusted, stranger] = await Promise.all([
    root({ commonName: "Trusted" }),
    root({ commonName: "Stranger" }),
  ]);
  return {
    trusted,
    stranger,
    intermediate: await certificate({ issuer: trusted, ca: {}, commonName: "Intermediate" }),
  };
}

/** A site's certificate by `issuer`, as it should be unless the options say otherwise. */
export function siteOf(issuer: Identity, options: CertificateOptions = {}): Promise<Identity> {
  return certificate({ issuer, ca: false, names: ["a.example"], purposes: [SERVER], ...options });
}

export function certificateCases({ trusted, stranger, intermediate }: Issuers): CertificateCases {
  const site = (options: CertificateOptions = {}): Promise<Identity> => siteOf(intermediate, options);
  const issuer = (options: CertificateOptions = {}): Promise<Identity> =>
    certificate({ issuer: trusted, ca: {}, ...options });
  /** A site's certificate, and one between it and the trusted root. */
  const below = async (
    between: CertificateOptions,
    options: CertificateOptions = {},
  ): Promise<Identity[]> => {
    const middle = await issuer(between);
    return [await site({ issuer: middle, ...options }), middle];
  };

  const holds: Record<string, Make> = {
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
  const another = /another name/;
  const untrusted = /issuer that is trusted/;
  const limits = /issuer may not certify/;
  const purpose = /another purpose/;

  const doesNotHold: Record<string, readonly [reason: RegExp, make: Make]> = {
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

  return { holds, doesNotHold };
}

const day = (year: number, month: number): Date => new Date(Date.UTC(year, month - 1, 1));

function uriName(host: string, uri: string): Extension {
  return new Extension("2.5.29.17", false, der(SEQUENCE, der(0x82, text(host)), der(0x86, text(uri))));
}
