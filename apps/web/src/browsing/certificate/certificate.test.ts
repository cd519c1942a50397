import { readFileSync } from "node:fs";
import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { TaborError } from "@tabor/onion-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCertificate } from "./certificate.ts";
import { nameText, type NamePart } from "./name.ts";

const site = new X509Certificate(
  readFileSync(new URL("../../../../../e2e/fixtures/site.cert.pem", import.meta.url)),
);
const der = Uint8Array.from(site.raw);

/** As Node writes it: a line for each part. */
const lines = (parts: readonly NamePart[]) => parts.map(({ label, value }) => `${label}=${value}`).join("\n");

describe("every root of Mozilla's list reads as in Node (OpenSSL)", () => {
  test.each(rootCertificates.map((pem) => new X509Certificate(pem)).map((root) => [root.subject, root]))(
    "%j",
    (_, root) => {
      const read = readCertificate(Uint8Array.from(root.raw));
      expect(read.notBefore).toEqual(new Date(root.validFrom));
      expect(read.notAfter).toEqual(new Date(root.validTo));
      expect(read.serial).toBe(root.serialNumber.padStart(2, "0"));
      // OpenSSL has words for more kinds of parts, and escapes some characters.
      const plain = (text: string) => !/\\|^(?!(?:CN|C|L|ST|O|OU)=)/m.test(text);
      if (plain(root.subject)) expect(lines(read.subject)).toBe(root.subject);
      if (plain(root.issuer)) expect(lines(read.issuer)).toBe(root.issuer);
    },
  );
});

test("the names a site's certificate is for", () => {
  const read = readCertificate(der);
  const names = (site.subjectAltName ?? "").split(", ").filter((name) => name.startsWith("DNS:"));
  expect(read.dnsNames.map((name) => `DNS:${name}`)).toEqual(names);
  expect(names.length).toBeGreaterThan(0);
  expect(nameText(read.subject)).toBe("Tabor test site");
});

test("without a common name, the organization is what a person is told", () => {
  expect(
    nameText([
      { label: "C", value: "NO" },
      { label: "O", value: "Onions" },
    ]),
  ).toBe("Onions");
  expect(nameText([{ label: "C", value: "NO" }])).toBe("C=NO");
});

describe("hostile bytes", () => {
  const refused = (bytes: Uint8Array) => {
    expect(() => readCertificate(bytes)).toThrow(TaborError);
  };

  test("every truncation, and one byte too many", () => {
    for (let length = 0; length < der.length; length++) refused(der.subarray(0, length));
    refused(Uint8Array.of(...der, 0));
  });

  test("whatever is changed, there is a certificate or one clear error", () => {
    const index = fc.integer({ min: 0, max: der.length - 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(index, fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Uint8Array.from(der);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          readCertificate(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(TaborError);
        }
      }),
    );
  });

  test("a name cannot turn the direction of writing or begin a line", () => {
    const name = "Tabor test site";
    const forged = "Tabor\u202etest\nsi";
    const at = Buffer.from(der).lastIndexOf(name);
    const bytes = Uint8Array.from(der);
    bytes.set(new TextEncoder().encode(forged).subarray(0, name.length), at);
    expect(nameText(readCertificate(bytes).subject)).not.toMatch(/[\u202e\n]/);
  });
});
