import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { BODY_LENGTH } from "../cell/cell.ts";
import { SIGNATURE_LENGTH } from "../crypto/ed25519.ts";

/** Bodies of the cells that begin a link (SPEC §2.2). */

export type LinkRole = "client" | "relay";

const ROLES: readonly LinkRole[] = ["client", "relay"];

export const NONCE_LENGTH = 32;
const IDENTITY_LENGTH = 32;
const MAX_VERSIONS = 16;
const MAX_TOKEN_LENGTH = 1024;

export interface Versions {
  /** 1…16 versions in 0…65535, strictly increasing. */
  readonly versions: readonly number[];
  readonly role: LinkRole;
  /** 32 bytes. */
  readonly nonce: Uint8Array;
}

export interface Authenticate {
  /** 32 bytes. */
  readonly identity: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** VERSIONS without padding, as the signatures cover it: 36 to 66 bytes. */
export function encodeVersions({ versions, role, nonce }: Versions): Uint8Array<ArrayBuffer> {
  const writer = new Writer().u8(versions.length);
  for (const version of versions) writer.u16(version);
  return writer.u8(ROLES.indexOf(role)).bytes(nonce).finish();
}

/** @param body a cell's body, with its padding. @throws malformed. */
export function decodeVersions(body: Uint8Array): Versions {
  const reader = new Reader(body, "VERSIONS");
  const versions = readVersionList(reader);
  const role = ROLES[reader.u8()];
  if (role === undefined) throw reader.malformed("role");
  const nonce = reader.bytes(NONCE_LENGTH).slice();
  reader.zeros();
  return { versions, role, nonce };
}

/** AUTHENTICATE, 96 bytes. */
export function encodeAuthenticate({ identity, signature }: Authenticate): Uint8Array<ArrayBuffer> {
  return new Writer().bytes(identity).bytes(signature).finish();
}

/** @param body a cell's body, with its padding. @throws malformed. */
export function decodeAuthenticate(body: Uint8Array): Authenticate {
  const reader = new Reader(body, "AUTHENTICATE");
  const identity = reader.bytes(IDENTITY_LENGTH).slice();
  const signature = reader.bytes(SIGNATURE_LENGTH).slice();
  reader.zeros();
  return { identity, signature };
}

/** AUTHORIZE. @param token 1…1024 bytes. */
export function encodeAuthorize(token: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Writer(2 + token.length).bytes16(token).finish();
}

/** @param body a cell's body, with its padding. @throws malformed. */
export function decodeAuthorize(body: Uint8Array): Uint8Array {
  const reader = new Reader(body, "AUTHORIZE");
  const token = reader.bytes16().slice();
  if (token.length < 1 || token.length > MAX_TOKEN_LENGTH) throw reader.malformed("length of the token");
  reader.zeros();
  return token;
}

/** Fills a cell's body with zeros after what it holds. */
export function padBody(content: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Writer(BODY_LENGTH).bytes(content).padTo(BODY_LENGTH);
}

/** One list has one form: an order that is not strict could carry a mark, or hide a version from a careless reader. */
function readVersionList(reader: Reader): number[] {
  const count = reader.u8();
  if (count < 1 || count > MAX_VERSIONS) throw reader.malformed("number of versions");
  const versions = Array.from({ length: count }, () => reader.u16());
  const increasing = versions.every((version, i) => i === 0 || version > (versions[i - 1] ?? 0));
  if (!increasing) throw reader.malformed("versions are not strictly increasing");
  return versions;
}
