import { derChildren, derElement, DerReader, malformed, oidText, TAG, type DerElement } from "./der.ts";
import { readName, type NamePart } from "./name.ts";

/** What a person is shown of a certificate. Nothing here decides whether it holds: TLS did. */
export interface Certificate {
  readonly subject: readonly NamePart[];
  readonly issuer: readonly NamePart[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Hexadecimal. */
  readonly serial: string;
  /** DNS names it is for. */
  readonly dnsNames: readonly string[];
}

const SUBJECT_ALT_NAME = "2.5.29.17";
const DNS_NAME = 0x82;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

/** Reads a certificate (RFC 5280 §4.1) of DER bytes. @throws malformed. */
export function readCertificate(der: Uint8Array): Certificate {
  const certificate = new DerReader(derElement(der));
  const fields = new DerReader(certificate.take(TAG.sequence));
  fields.optional(VERSION);
  const serial = fields.take(TAG.integer);
  fields.take(TAG.sequence); // The algorithm of the signature.
  const issuer = readName(fields.take(TAG.sequence));
  const validity = new DerReader(fields.take(TAG.sequence));
  const [notBefore, notAfter] = [time(validity.any()), time(validity.any())];
  const subject = readName(fields.take(TAG.sequence));
  fields.take(TAG.sequence); // The public key.
  fields.optional(0x81);
  fields.optional(0x82);
  const dnsNames = subjectAltNames(fields.optional(EXTENSIONS));
  return { subject, issuer, notBefore, notAfter, serial: hex(serial.content), dnsNames };
}

function subjectAltNames(extensions: DerElement | undefined): string[] {
  if (extensions === undefined) return [];
  for (const extension of derChildren(derElement(extensions.content))) {
    const fields = new DerReader(extension);
    if (oidText(fields.take(TAG.oid)) !== SUBJECT_ALT_NAME) continue;
    fields.optional(TAG.boolean);
    const names = derChildren(derElement(fields.take(TAG.octetString).content));
    return names.filter(({ tag }) => tag === DNS_NAME).map(({ content }) => ascii(content));
  }
  return [];
}

/** UTCTime or GeneralizedTime, in the forms that RFC 5280 §4.1.2.5 allows. */
function time({ tag, content }: DerElement): Date {
  const text = ascii(content);
  if (tag === TAG.utcTime && /^\d{12}Z$/.test(text)) {
    const century = Number(text.slice(0, 2)) < 50 ? "20" : "19";
    return dateOf(century + text);
  }
  if (tag === TAG.generalizedTime && /^\d{14}Z$/.test(text)) return dateOf(text);
  throw malformed();
}

/** @param digits YYYYMMDDhhmmssZ */
function dateOf(digits: string): Date {
  const date = new Date(
    digits.replace(/^(....)(..)(..)(..)(..)(..)Z$/, (_, y: string, ...rest: string[]) => {
      const [month = "", day = "", hour = "", minute = "", second = ""] = rest;
      return `${y}-${month}-${day}T${hour}:${minute}:${second}Z`;
    }),
  );
  if (Number.isNaN(date.getTime())) throw malformed();
  return date;
}

function ascii(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 1024), (byte) =>
    byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "\ufffd",
  ).join("");
}

function hex(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(?:00)+(?=..)/, "").toUpperCase();
}
