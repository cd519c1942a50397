import { createHash } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "./x509.ts";

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;

/** What a server presents. */
export interface ServerCertificate {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM, the server's own first. */
  readonly chain: string;
}

/** A certificate with the key that it speaks of, so that it can sign others. */
export interface Issuer {
  readonly certificate: X509Certificate;
  readonly keys: CryptoKeyPair;
}

/** What is said in a certificate; whatever is left out is as it should be. */
export interface Wishes {
  /** Alternative names; none leaves the extension out. */
  readonly names?: readonly string[];
  readonly subject?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly usages?: readonly ExtendedKeyUsage[];
  /** An authority, with so many others below it at most. */
  readonly authority?: { readonly pathLength?: number };
  readonly extensions?: readonly Extension[];
  readonly keys?: CryptoKeyPair;
}

/** Authorities of a test: a root, an intermediate that signs for servers. All keys are made at the start. */
export class TestAuthority {
  readonly root: Issuer;
  readonly intermediate: Issuer;
  /** What all good servers have; hostile ones have others, so that a browser can be told to trust this one alone. */
  readonly #serverKeys: CryptoKeyPair;

  private constructor(root: Issuer, intermediate: Issuer, serverKeys: CryptoKeyPair) {
    this.root = root;
    this.intermediate = intermediate;
    this.#serverKeys = serverKeys;
  }

  static async create(): Promise<TestAuthority> {
    const root = await issue({ subject: "CN=Farm Root", authority: {} });
    const intermediate = await issue({ subject: "CN=Farm Intermediate", authority: { pathLength: 0 } }, root);
    return new TestAuthority(root, intermediate, await newKeys());
  }

  /** PEM of the root, for those who shall trust it. */
  get rootPem(): string {
    return this.root.certificate.toString("pem");
  }

  /** SHA-256 of the servers' public key in base64, as `--ignore-certificate-errors-spki-list` takes it. */
  async keyHash(): Promise<string> {
    const key = await crypto.subtle.exportKey("spki", this.#serverKeys.publicKey);
    return createHash("sha256").update(Buffer.from(key)).digest("base64");
  }

  async server(names: readonly string[]): Promise<ServerCertificate> {
    const wishes = { names, subject: `CN=${names[0] ?? ""}`, keys: this.#serverKeys };
    const own = await issue(wishes, this.intermediate);
    return presented([own, this.intermediate]);
  }
}

function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ECDSA, true, ["sign", "verify"]);
}

/** @param signer itself, if left out. */
export async function issue(wishes: Wishes, signer?: Issuer): Promise<Issuer> {
  const keys = wishes.keys ?? (await newKeys());
  const certificate = await X509CertificateGenerator.create({
    subject: wishes.subject ?? "CN=farm",
    issuer: signer?.certificate.subject ?? wishes.subject ?? "CN=farm",
    notBefore: wishes.notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: wishes.notAfter ?? new Date(Date.now() + 90 * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: (signer?.keys ?? keys).privateKey,
    signingAlgorithm: ECDSA,
    extensions: extensionsOf(wishes),
  });
  return { certificate, keys };
}

const FOR_SERVERS: KeyUsageFlags = KeyUsageFlags.digitalSignature;
const FOR_AUTHORITIES: KeyUsageFlags = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;

function extensionsOf({ names, usages, authority, extensions = [] }: Wishes): Extension[] {
  const alternative = (names ?? []).map((value) => {
    return { type: /^[\d.]+$/.test(value) ? ("ip" as const) : ("dns" as const), value };
  });
  return [
    new BasicConstraintsExtension(authority !== undefined, authority?.pathLength, true),
    new KeyUsagesExtension(authority === undefined ? FOR_SERVERS : FOR_AUTHORITIES, true),
    ...(authority === undefined
      ? [new ExtendedKeyUsageExtension([...(usages ?? [ExtendedKeyUsage.serverAuth])])]
      : []),
    ...(alternative.length === 0 ? [] : [new SubjectAlternativeNameExtension(alternative)]),
    ...extensions,
  ];
}

/** @param path the server's own first, without the root. */
export async function presented(path: readonly [Issuer, ...Issuer[]]): Promise<ServerCertificate> {
  const key = Buffer.from(await crypto.subtle.exportKey("pkcs8", path[0].keys.privateKey)).toString("base64");
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
    chain: path.map(({ certificate }) => certificate.toString("pem")).join("\n"),
  };
}

/** The same certificate with a signature that nobody made. */
export function withForgedSignature({ certificate, keys }: Issuer): Issuer {
  const bytes = new Uint8Array(certificate.rawData.slice(0));
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  return { certificate: new X509Certificate(bytes), keys };
}
