import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type JsonGeneralName,
  type X509Certificate,
} from "@peculiar/x509";
import { der, SEQUENCE, text } from "./der.ts";

/** A test issuer's hierarchy, made at test time: nothing in it is trusted anywhere else. */

cryptoProvider.set(webcrypto as Crypto);

/** When tests take place; certificates are valid in this year unless they say otherwise. */
export const NOW = Date.UTC(2026, 5, 15);
const YEAR = { notBefore: new Date(Date.UTC(2026, 0, 1)), notAfter: new Date(Date.UTC(2027, 0, 1)) };

export interface Identity {
  readonly certificate: X509Certificate;
  readonly keys: CryptoKeyPair;
  readonly name: string;
}

export interface CertificateOptions {
  /** undefined: signs itself. */
  readonly issuer?: Identity;
  /** Whose key signs, where it is not the issuer's. */
  readonly signedBy?: CryptoKeyPair;
  readonly commonName?: string;
  /** Host names, or IP addresses after "ip:". */
  readonly names?: readonly string[];
  /** undefined: no basicConstraints at all. */
  readonly ca?: { readonly pathLength?: number } | false;
  readonly purposes?: readonly string[];
  readonly permitted?: readonly GeneralName[];
  readonly excluded?: readonly GeneralName[];
  readonly more?: readonly Extension[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly keys?: CryptoKeyPair;
  readonly algorithm?: KeyAlgorithmName;
  readonly hash?: string;
}

export type KeyAlgorithmName = "P-256" | "P-384" | "P-521" | "RSA" | "RSA-1024" | "Ed25519";

/** A name constraint (RFC 5280 §4.2.1.10). */
export type GeneralName =
  { readonly dns: string } | { readonly uri: string } | { readonly ip: readonly number[] };

let count = 0;

export async function certificate(options: CertificateOptions): Promise<Identity> {
  const { issuer, commonName = `Test ${++count}`, hash = "SHA-256" } = options;
  const keys = options.keys ?? (await generateKeys(options.algorithm));
  const signer = options.signedBy ?? issuer?.keys ?? keys;
  const name = `CN=${commonName}`;
  const made = await X509CertificateGenerator.create({
    ...YEAR,
    ...(options.notBefore && { notBefore: options.notBefore }),
    ...(options.notAfter && { notAfter: options.notAfter }),
    serialNumber: (++count).toString(16).padStart(4, "0"),
    subject: name,
    issuer: issuer?.name ?? name,
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: { name: signer.privateKey.algorithm.name, hash },
    extensions: extensions(options),
  });
  return { certificate: made, keys, name };
}

/** A root that may issue everything. */
export function root(options: CertificateOptions = {}): Promise<Identity> {
  return certificate({ ca: {}, ...options });
}

export function derOf({ certificate: { rawData } }: Identity): Uint8Array {
  return new Uint8Array(rawData);
}

/** As Node's `tls` takes them. */
export async function pem(chain: readonly Identity[]): Promise<{ cert: string; key: string }> {
  const [first] = chain;
  if (first === undefined) throw new RangeError("an empty chain");
  return {
    cert: chain.map(({ certificate: made }) => made.toString("pem")).join("\n"),
    key: privateKeyPem(await pkcs8(first.keys)),
  };
}

/** Another P-256 key, which claims to be the identity's: Node compares only the public halves before it serves. */
export async function strangersKey({ keys }: Identity): Promise<string> {
  const forged = await pkcs8(await generateKeys());
  const claimed = new Uint8Array(await webcrypto.subtle.exportKey("raw", keys.publicKey));
  forged.set(claimed, forged.length - claimed.length);
  return privateKeyPem(forged);
}

async function pkcs8({ privateKey }: CryptoKeyPair): Promise<Buffer> {
  return Buffer.from(await webcrypto.subtle.exportKey("pkcs8", privateKey));
}

function privateKeyPem(key: Buffer): string {
  return `-----BEGIN PRIVATE KEY-----\n${key.toString("base64")}\n-----END PRIVATE KEY-----\n`;
}

export function generateKeys(algorithm: KeyAlgorithmName = "P-256"): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(keyAlgorithm(algorithm), true, [
    "sign",
    "verify",
  ]) as Promise<CryptoKeyPair>;
}

function keyAlgorithm(name: KeyAlgorithmName): RsaHashedKeyGenParams | EcKeyGenParams | Algorithm {
  const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", publicExponent: Uint8Array.of(1, 0, 1) };
  switch (name) {
    case "P-256":
    case "P-384":
    case "P-521":
      return { name: "ECDSA", namedCurve: name };
    case "RSA":
      return { ...rsa, modulusLength: 2048 };
    case "RSA-1024":
      return { ...rsa, modulusLength: 1024 };
    case "Ed25519":
      return { name };
  }
}

function extensions({
  ca,
  names,
  purposes,
  permitted,
  excluded,
  more = [],
}: CertificateOptions): Extension[] {
  const list: Extension[] = [...more];
  if (ca !== undefined) {
    list.push(new BasicConstraintsExtension(ca !== false, ca === false ? undefined : ca.pathLength, true));
  }
  if (names !== undefined) list.push(alternativeNames(names));
  if (purposes !== undefined) list.push(new ExtendedKeyUsageExtension([...purposes]));
  if (permitted !== undefined || excluded !== undefined) list.push(nameConstraints(permitted, excluded));
  return list;
}

function alternativeNames(names: readonly string[]): Extension {
  return new SubjectAlternativeNameExtension(
    names.map((name): JsonGeneralName =>
      name.startsWith("ip:") ? { type: "ip", value: name.slice(3) } : { type: "dns", value: name },
    ),
  );
}

function nameConstraints(
  permitted: readonly GeneralName[] = [],
  excluded: readonly GeneralName[] = [],
): Extension {
  const subtrees = (tag: number, names: readonly GeneralName[]): Uint8Array[] =>
    names.length === 0 ? [] : [der(tag, ...names.map((name) => der(SEQUENCE, generalName(name))))];
  return new Extension(
    "2.5.29.30",
    true,
    der(SEQUENCE, ...subtrees(0xa0, permitted), ...subtrees(0xa1, excluded)),
  );
}

function generalName(name: GeneralName): Uint8Array {
  if ("dns" in name) return der(0x82, text(name.dns));
  if ("uri" in name) return der(0x86, text(name.uri));
  return der(0x87, ...name.ip);
}

export const SERVER = ExtendedKeyUsage.serverAuth;
export const VISITOR = ExtendedKeyUsage.clientAuth;
export { Extension };
