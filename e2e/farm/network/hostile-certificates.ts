import { ExtendedKeyUsage, Extension } from "./x509.ts";
import {
  issue,
  presented,
  type ServerCertificate,
  type TestAuthority,
  withForgedSignature,
} from "./authority.ts";

type Made = (authority: TestAuthority, name: string) => Promise<ServerCertificate>;
const DAY_MS = 86_400_000;

/**
 * Hosts that must be refused, by the first label of their name under `bad.test`: each has one fault, and all else is as
 * it should be. What a client that trusts the farm's root must find in each (RFC 5280 §6, RFC 6125).
 */
export const HOSTILE_CERTIFICATES: Readonly<Record<string, Made>> = {
  expired: (authority, name) => leaf(authority, name, { notAfter: new Date(Date.now() - DAY_MS / 2) }),
  "not-yet": (authority, name) => leaf(authority, name, { notBefore: new Date(Date.now() + DAY_MS) }),
  "wrong-name": (authority) => leaf(authority, "elsewhere.test", {}),
  "common-name-only": async (authority, name) =>
    presented([await issue({ subject: `CN=${name}` }, authority.intermediate), authority.intermediate]),
  "for-clients": (authority, name) => leaf(authority, name, { usages: [ExtendedKeyUsage.clientAuth] }),
  "two-labels-by-wildcard": (authority) => leaf(authority, "*.test", {}),
  "self-signed": async (_, name) => presented([await issue({ names: [name], subject: `CN=${name}` })]),
  "unknown-root": async (_, name) => {
    const root = await issue({ subject: "CN=Nobody's Root", authority: {} });
    return presented([await issue({ names: [name] }, root)]);
  },
  "intermediate-missing": async ({ intermediate }, name) =>
    presented([await issue({ names: [name] }, intermediate)]),
  forged: async ({ intermediate }, name) =>
    presented([withForgedSignature(await issue({ names: [name] }, intermediate)), intermediate]),
  "signed-by-a-server": async ({ intermediate }, name) => {
    const server = await issue({ names: ["some.test"], subject: "CN=some.test" }, intermediate);
    return presented([await issue({ names: [name] }, server), server, intermediate]);
  },
  "path-too-long": async ({ intermediate }, name) => {
    const below = await issue({ subject: "CN=One Too Many", authority: {} }, intermediate);
    return presented([await issue({ names: [name] }, below), below, intermediate]);
  },
  "outside-name-constraint": async ({ root }, name) => {
    const extensions = [permittedName("only-here.test")];
    const constrained = await issue({ subject: "CN=Constrained", authority: {}, extensions }, root);
    return presented([await issue({ names: [name] }, constrained), constrained]);
  },
};

async function leaf(
  { intermediate }: TestAuthority,
  name: string,
  wishes: Parameters<typeof issue>[0],
): Promise<ServerCertificate> {
  return presented([await issue({ names: [name], ...wishes }, intermediate), intermediate]);
}

/** NameConstraints with one permitted dNSName (RFC 5280 §4.2.1.10). */
function permittedName(name: string): Extension {
  const wrapped = (tag: number, content: Buffer): Buffer => Buffer.from([tag, content.length, ...content]);
  const value = wrapped(0x30, wrapped(0xa0, wrapped(0x30, wrapped(0x82, Buffer.from(name)))));
  return new Extension("2.5.29.30", true, new Uint8Array(value));
}
