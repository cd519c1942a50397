import { END_REASONS, endReasonFromNumber, type EndReason } from "./end-reason.ts";
import { ascii, concat } from "../bytes/bytes.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { TaborError } from "../errors.ts";

/** Bodies of the relay messages that open, end and resolve for streams (SPEC §7). */

/** What a client asks an exit to connect to. */
export interface StreamTarget {
  /** An ASCII host name, an IPv4 address, or an IPv6 address without brackets; at most 253 characters. */
  readonly host: string;
  /** 1…65535. */
  readonly port: number;
}

/** BEGIN's flags. */
export interface AddressPreference {
  readonly ipv6Allowed: boolean;
  readonly ipv4Refused: boolean;
  readonly ipv6Preferred: boolean;
}

/** An IP address as on the wire: 4 or 16 bytes. */
export type IpAddress = Uint8Array;

export interface Begin {
  readonly target: StreamTarget;
  readonly preference: AddressPreference;
}

/** Whatever the exit can reach, IPv4 before IPv6. */
export const ANY_ADDRESS: AddressPreference = { ipv6Allowed: true, ipv4Refused: false, ipv6Preferred: false };

/** What a client asks an exit to fetch from (SPEC §7.5). */
export interface FetchOrigin extends StreamTarget {
  readonly scheme: "http" | "https";
}

const IPV6_ALLOWED = 1;
const IPV4_REFUSED = 2;
const IPV6_PREFERRED = 4;
const MAX_HOST_LENGTH = 253;

export function encodeBegin({ target, preference }: Begin): Uint8Array {
  const flags =
    (preference.ipv6Allowed ? IPV6_ALLOWED : 0) |
    (preference.ipv4Refused ? IPV4_REFUSED : 0) |
    (preference.ipv6Preferred ? IPV6_PREFERRED : 0);
  return new Writer().ascii(targetText(target)).u8(0).u32(flags).finish();
}

function targetText({ host, port }: StreamTarget): string {
  return `${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
}

export function decodeBegin(data: Uint8Array): Begin {
  const reader = new Reader(data, "BEGIN");
  const text = readTerminated(reader, data);
  const flags = reader.u32();
  reader.finish();
  if (flags > (IPV6_ALLOWED | IPV4_REFUSED | IPV6_PREFERRED)) throw reader.malformed("unknown flags");
  const preference = {
    ipv6Allowed: (flags & IPV6_ALLOWED) !== 0,
    ipv4Refused: (flags & IPV4_REFUSED) !== 0,
    ipv6Preferred: (flags & IPV6_PREFERRED) !== 0,
  };
  return { target: parseTarget(text, reader), preference };
}

/** `host:port` or `[ipv6]:port`. What the host means is decided by the exit's resolver and policy. */
function parseTarget(text: string, reader: Reader): StreamTarget {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^[\]:\s]+)):([1-9][0-9]{0,4})$/i.exec(text);
  if (match === null) throw reader.malformed("target");
  const host = match[1] ?? match[2] ?? "";
  const port = Number(match[3]);
  if (port > 0xffff || host.length > MAX_HOST_LENGTH) throw reader.malformed("target");
  if ((match[1] !== undefined) !== host.includes(":")) throw reader.malformed("target");
  return { host, port };
}

const SCHEMES = ["http", "https"] as const;

export function encodeFetch({ scheme, ...target }: FetchOrigin): Uint8Array {
  return new Writer().u8(SCHEMES.indexOf(scheme)).ascii(targetText(target)).u8(0).finish();
}

export function decodeFetch(data: Uint8Array): FetchOrigin {
  const reader = new Reader(data, "FETCH");
  const scheme = SCHEMES[reader.u8()];
  if (scheme === undefined) throw reader.malformed("scheme");
  const text = readTerminated(reader, data.subarray(1));
  reader.finish();
  return { scheme, ...parseTarget(text, reader) };
}

/** @throws usage unless BEGIN can name the target. */
export function requireTarget(target: StreamTarget): void {
  requireSayable(() => decodeBegin(encodeBegin({ target, preference: ANY_ADDRESS })));
}

/** @throws usage unless RESOLVE can ask for the name. */
export function requireName(name: string): void {
  requireSayable(() => decodeResolve(encodeResolve(name)));
}

/** What the other side would not understand would cost us the circuit. */
function requireSayable(roundTrip: () => unknown): void {
  try {
    roundTrip();
  } catch (cause) {
    throw new TaborError("usage", "here", "not a host name or address and a port", { cause });
  }
}

/** The address that the exit dialled, and for how many seconds its name means it. */
export interface Connected {
  readonly address: IpAddress;
  readonly ttl: number;
}

const IPV6_TYPE = 6;

/** @param connected undefined: the exit does not tell. */
export function encodeConnected(connected: Connected | undefined): Uint8Array {
  if (connected === undefined) return new Uint8Array(0);
  const writer = new Writer(25);
  if (connected.address.length === 16) writer.u32(0).u8(IPV6_TYPE);
  return writer.bytes(connected.address).u32(connected.ttl).finish();
}

export function decodeConnected(data: Uint8Array): Connected | undefined {
  if (data.length === 0) return undefined;
  const reader = new Reader(data, "CONNECTED");
  let address = reader.bytes(4);
  if (address.every((byte) => byte === 0)) {
    if (reader.u8() !== IPV6_TYPE) throw reader.malformed("address type");
    address = reader.bytes(16);
  }
  const connected = { address: address.slice(), ttl: reader.u32() };
  reader.finish();
  return connected;
}

export interface End {
  readonly reason: EndReason;
  /** With reason `exit-policy`: the address that the policy refused. */
  readonly refused?: Connected;
}

export function encodeEnd({ reason, refused }: End): Uint8Array {
  const writer = new Writer(24).u8(END_REASONS[reason]);
  if (refused !== undefined) writer.bytes(refused.address).u32(refused.ttl);
  return writer.finish();
}

export function decodeEnd(data: Uint8Array): End {
  const reader = new Reader(data, "END");
  const reason = endReasonFromNumber(reader.u8());
  if (reason !== "exit-policy" || reader.remaining === 0) {
    reader.finish();
    return { reason };
  }
  const address = reader.bytes(reader.remaining > 8 ? 16 : 4).slice();
  const refused = { address, ttl: reader.u32() };
  reader.finish();
  return { reason, refused };
}

export function encodeResolve(name: string): Uint8Array {
  return concat(ascii(name), Uint8Array.of(0));
}

export function decodeResolve(data: Uint8Array): string {
  const reader = new Reader(data, "RESOLVE");
  const name = readTerminated(reader, data);
  reader.finish();
  if (name.length === 0 || name.length > MAX_HOST_LENGTH) throw reader.malformed("name length");
  return name;
}

/** One answer of RESOLVED. */
export type ResolvedAnswer =
  | { readonly type: "name"; readonly name: string; readonly ttl: number }
  | { readonly type: "address"; readonly address: IpAddress; readonly ttl: number }
  | { readonly type: "error"; readonly transient: boolean };

const ANSWER_NAME = 0;
const ANSWER_IPV4 = 4;
const ANSWER_IPV6 = 6;
const ANSWER_TRANSIENT_ERROR = 0xf0;
const ANSWER_PERMANENT_ERROR = 0xf1;

export function encodeResolved(answers: readonly ResolvedAnswer[]): Uint8Array {
  const writer = new Writer();
  for (const answer of answers) {
    switch (answer.type) {
      case "name":
        writer.u8(ANSWER_NAME).bytes8(ascii(answer.name)).u32(answer.ttl);
        break;
      case "address":
        writer
          .u8(answer.address.length === 4 ? ANSWER_IPV4 : ANSWER_IPV6)
          .bytes8(answer.address)
          .u32(answer.ttl);
        break;
      case "error":
        writer
          .u8(answer.transient ? ANSWER_TRANSIENT_ERROR : ANSWER_PERMANENT_ERROR)
          .u8(0)
          .u32(0);
        break;
    }
  }
  return writer.finish();
}

export function decodeResolved(data: Uint8Array): ResolvedAnswer[] {
  const reader = new Reader(data, "RESOLVED");
  const answers: ResolvedAnswer[] = [];
  do answers.push(readAnswer(reader));
  while (reader.remaining > 0);
  return answers;
}

function readAnswer(reader: Reader): ResolvedAnswer {
  const type = reader.u8();
  const value = new Reader(reader.bytes8(), "RESOLVED answer");
  const ttl = reader.u32();
  const answer = readAnswerValue(type, value, ttl);
  value.finish();
  return answer;
}

function readAnswerValue(type: number, value: Reader, ttl: number): ResolvedAnswer {
  switch (type) {
    case ANSWER_NAME:
      return { type: "name", name: value.ascii(value.remaining), ttl };
    case ANSWER_IPV4:
      return { type: "address", address: value.bytes(4).slice(), ttl };
    case ANSWER_IPV6:
      return { type: "address", address: value.bytes(16).slice(), ttl };
    case ANSWER_TRANSIENT_ERROR:
    case ANSWER_PERMANENT_ERROR:
      return { type: "error", transient: type === ANSWER_TRANSIENT_ERROR };
    default:
      throw value.malformed("answer type");
  }
}

/** ASCII text up to a zero byte, which is consumed. */
function readTerminated(reader: Reader, data: Uint8Array): string {
  const length = data.indexOf(0);
  if (length < 0) throw reader.malformed("text has no end");
  const text = reader.ascii(length);
  reader.u8();
  return text;
}

/** How fast the other side may go on (SPEC §12.3). */
export interface Xon {
  /** Units of 1000 bytes/s, 0…2^32−1; 0: no limit. */
  readonly kbps: number;
}

const FLOW_VERSION = 0;

export function encodeXoff(): Uint8Array {
  return Uint8Array.of(FLOW_VERSION);
}

export function decodeXoff(data: Uint8Array): void {
  const reader = new Reader(data, "XOFF");
  if (reader.u8() !== FLOW_VERSION) throw reader.malformed("version");
  reader.finish();
}

export function encodeXon({ kbps }: Xon): Uint8Array {
  return new Writer(5).u8(FLOW_VERSION).u32(kbps).finish();
}

export function decodeXon(data: Uint8Array): Xon {
  const reader = new Reader(data, "XON");
  if (reader.u8() !== FLOW_VERSION) throw reader.malformed("version");
  const kbps = reader.u32();
  reader.finish();
  return { kbps };
}
