import { ascii } from "@tabor/onion-core";
import { MORE, type Parsed } from "./request.ts";
import { VERSION } from "./reply.ts";

/** Authentication methods of RFC 1928 §3. */
export const METHOD = { none: 0, userPassword: 2, noneAcceptable: 0xff } as const;

export type Method = typeof METHOD.none | typeof METHOD.userPassword;

const SOCKS4 = 4;
/** SOCKS 4: request rejected. */
const SOCKS4_REJECTED = Uint8Array.of(0, 0x5b, 0, 0, 0, 0, 0, 0);

const HTTP_ANSWER = ascii(
  [
    "HTTP/1.0 501 This is a SOCKS proxy, not an HTTP proxy",
    "Content-Type: text/plain; charset=us-ascii",
    "Connection: close",
    "",
    "This is Tabor's SOCKS port. It speaks SOCKS 5, not HTTP.\r\n" +
      "Set your program's SOCKS (version 5) proxy to this address and port, and let the proxy resolve names.\r\n",
  ].join("\r\n"),
);

/**
 * `VER NMETHODS METHODS` (RFC 1928 §3). A client that offers a user name and a password is asked for them, as in Tor:
 * they tell which of its streams must not share a circuit.
 */
export function parseGreeting(input: Uint8Array): Parsed<Method> {
  const [version, count] = input;
  if (version === undefined) return MORE;
  if (version !== VERSION) return refuseVersion(version);
  if (count === undefined || input.length < 2 + count) return MORE;
  const offered = input.subarray(2, 2 + count);
  const method = [METHOD.userPassword, METHOD.none].find((each) => offered.includes(each));
  if (method !== undefined) return { kind: "message", message: method, length: 2 + count };
  return refuse(Uint8Array.of(VERSION, METHOD.noneAcceptable), "no acceptable method");
}

function refuseVersion(version: number): Parsed<never> {
  if (version === SOCKS4) return refuse(SOCKS4_REJECTED, "SOCKS 4");
  // A capital letter begins an HTTP method.
  const isHttp = version >= 0x41 && version <= 0x5a;
  return isHttp ? refuse(HTTP_ANSWER, "HTTP") : refuse(new Uint8Array(0), "unknown protocol");
}

/** A user name and a password, each 0 to 255 bytes. */
export interface Credentials {
  readonly user: Uint8Array;
  readonly password: Uint8Array;
}

const NEGOTIATION_VERSION = 1;
export const CREDENTIALS_ACCEPTED = Uint8Array.of(NEGOTIATION_VERSION, 0);
const CREDENTIALS_REFUSED = Uint8Array.of(NEGOTIATION_VERSION, 1);

/** `VER ULEN UNAME PLEN PASSWD` (RFC 1929 §2); as in Tor, both may be empty. */
export function parseCredentials(input: Uint8Array): Parsed<Credentials> {
  const [version, userLength] = input;
  if (version === undefined) return MORE;
  if (version !== NEGOTIATION_VERSION) return refuse(CREDENTIALS_REFUSED, "malformed credentials");
  if (userLength === undefined) return MORE;
  const passwordStart = 3 + userLength;
  const passwordLength = input[passwordStart - 1];
  const length = passwordStart + (passwordLength ?? 0);
  if (passwordLength === undefined || input.length < length) return MORE;
  const user = input.slice(2, 2 + userLength);
  const password = input.slice(passwordStart, length);
  return { kind: "message", message: { user, password }, length };
}

function refuse(reply: Uint8Array, why: string): Parsed<never> {
  return { kind: "refuse", reply, why };
}
