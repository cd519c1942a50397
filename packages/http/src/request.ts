import { ascii, type StreamTarget } from "@tabor/onion-core";

/**
 * One request looks like every other: the fields, their order and values are those of Tor Browser on its most common
 * platform, whoever asks and whatever for. No Referer, no cookies, nothing conditional.
 */
const UNIFORM_FIELDS = [
  ["User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"],
  ["Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
  ["Accept-Language", "en-US,en;q=0.5"],
  ["Accept-Encoding", "gzip, deflate"],
  ["Connection", "close"],
] as const;

/** The head of a GET for an `http:` URL (RFC 9112 §3). User name, password and fragment are never sent. */
export function getRequest(url: URL): Uint8Array {
  const fields = [["Host", url.host] as const, ...UNIFORM_FIELDS].map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return ascii(`GET ${url.pathname}${url.search} HTTP/1.1\r\n${fields.join("")}\r\n`);
}

/** Where the exit has to connect to for `url`. */
export function targetOf(url: URL): StreamTarget {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: url.port === "" ? 80 : Number(url.port) };
}
