import type { SecureVersion } from "node:tls";
import { certificate, root, SERVER, strangersKey, type Identity } from "./certificates.ts";
import type { TlsServerOptions } from "./server.ts";

/** Servers of all kinds, and what comes of connecting to them, for every place where our TLS runs. */

export interface ServerIdentities {
  readonly trusted: Identity;
  readonly ecdsa: Identity;
  readonly rsa: Identity;
}

/** How the server is, and what a client gets that trusts its root: as TLS tells it, or the error. */
export interface ProtocolCase {
  readonly server: TlsServerOptions;
  /** What the client offers. */
  readonly alpn?: readonly string[];
  readonly aes256?: boolean;
  readonly outcome: Record<string, unknown>;
  /** What a person is told. */
  readonly says?: RegExp;
}

export type ProtocolCases = Readonly<Record<string, () => ProtocolCase | Promise<ProtocolCase>>>;

export async function serverIdentities(): Promise<ServerIdentities> {
  const trusted = await root();
  const site = { issuer: trusted, ca: false, names: ["a.example"], purposes: [SERVER] } as const;
  return { trusted, ecdsa: await certificate(site), rsa: await certificate({ ...site, algorithm: "RSA" }) };
}

export const only = (version: SecureVersion): Pick<TlsServerOptions, "minVersion" | "maxVersion"> => ({
  minVersion: version,
  maxVersion: version,
});

export function agreesOn({ ecdsa, rsa }: ServerIdentities): ProtocolCases {
  const inTls13 = (suite: string): ProtocolCases => ({
    [`${suite} in TLS 1.3`]: () => ({
      server: { chain: [ecdsa], ciphers: suite },
      aes256: suite.includes("256_GCM"),
      outcome: { version: "TLS 1.3", cipherSuite: suite },
    }),
  });
  const inTls12 = (ciphers: string, suite: string): ProtocolCases => ({
    [`${ciphers} in TLS 1.2`]: () => ({
      server: { chain: [suite.includes("ECDSA") ? ecdsa : rsa], ciphers, ...only("TLSv1.2") },
      aes256: suite.includes("256_GCM"),
      outcome: { version: "TLS 1.2", cipherSuite: suite },
    }),
  });
  const keyExchange = (ecdhCurve: string): ProtocolCases => ({
    [`a key exchange in ${ecdhCurve}, asked for again if need be`]: () => ({
      server: { chain: [ecdsa], ecdhCurve },
      outcome: { version: "TLS 1.3" },
    }),
  });
  const protocol = (ALPNProtocols: string[], outcome: Record<string, unknown>): ProtocolCases => ({
    [`the protocol above, with a server of ${ALPNProtocols.join() || "none"}`]: () => ({
      server: { chain: [ecdsa], ALPNProtocols },
      alpn: ["h2", "http/1.1"],
      outcome,
    }),
  });
  return {
    ...inTls13("TLS_CHACHA20_POLY1305_SHA256"),
    ...inTls13("TLS_AES_128_GCM_SHA256"),
    ...inTls13("TLS_AES_256_GCM_SHA384"),
    ...inTls12("ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
    ...inTls12("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    ...inTls12("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    ...inTls12("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    ...inTls12("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    ...inTls12("ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    "ChaCha20 with a server that leaves the choice to us": () => ({
      server: { chain: [ecdsa], honorCipherOrder: false },
      outcome: { cipherSuite: "TLS_CHACHA20_POLY1305_SHA256" },
    }),
    "ChaCha20 with a server that prefers AES-256, in TLS 1.3": () => ({
      server: { chain: [ecdsa], honorCipherOrder: true },
      outcome: { cipherSuite: "TLS_CHACHA20_POLY1305_SHA256" },
    }),
    ...keyExchange("X25519"),
    ...keyExchange("P-256"),
    ...keyExchange("P-384"),
    ...protocol(["http/1.1"], { alpn: "http/1.1" }),
    ...protocol(["h2"], { alpn: "h2" }),
    ...protocol([], { version: "TLS 1.3", alpn: undefined }),
  };
}

export function refuses({ ecdsa, rsa }: ServerIdentities): ProtocolCases {
  const outdated = (version: SecureVersion): ProtocolCases => ({
    [version]: () => ({
      server: { chain: [rsa], ...only(version) },
      outcome: { code: "protocol", where: "site" },
      says: /^the site speaks only versions of TLS that are no longer safe$/,
    }),
  });
  const weak = (what: string, cipher: string): ProtocolCases => ({
    [what]: () => ({
      server: { chain: [rsa], ciphers: `${cipher}:@SECLEVEL=0`, dhparam: "auto", ...only("TLSv1.2") },
      outcome: { code: "protocol" },
      says: /no safe way/,
    }),
  });
  const stranger = (version: SecureVersion): ProtocolCases => ({
    [`a server without its certificate's key, ${version}`]: async () => ({
      server: { chain: [ecdsa], key: await strangersKey(ecdsa), ...only(version) },
      outcome: { code: "not-authentic" },
      says: /^a signature does not match: someone may be in between$/,
    }),
  });
  return {
    ...outdated("TLSv1"),
    ...outdated("TLSv1.1"),
    ...weak("keys without forward secrecy", "AES128-GCM-SHA256"),
    ...weak("suites that are not authenticated as one", "ECDHE-RSA-AES128-SHA256"),
    ...weak("no encryption", "ECDHE-RSA-NULL-SHA"),
    ...weak("nobody's signature", "AECDH-AES128-SHA"),
    ...weak("finite-field groups", "DHE-RSA-AES128-GCM-SHA256"),
    "AES-256 alone, as long as it is not asked for": () => ({
      server: { chain: [ecdsa], ciphers: "TLS_AES_256_GCM_SHA384" },
      outcome: { code: "protocol", where: "site" },
      says: /no safe way/,
    }),
    ...stranger("TLSv1.3"),
    ...stranger("TLSv1.2"),
    "a server that demands a certificate of us": () => ({
      server: { chain: [ecdsa], requestCert: true, rejectUnauthorized: true, ...only("TLSv1.2") },
      outcome: { where: "site" },
    }),
    "a server of another protocol above": () => ({
      server: { chain: [ecdsa], ALPNProtocols: ["gopher"] },
      alpn: ["h2", "http/1.1"],
      outcome: { code: "protocol" },
      says: /none of the protocols/,
    }),
  };
}
