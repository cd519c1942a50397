import { concat, startingWith, TaborError, type Duplex } from "@tabor/onion-core";
import { malformed, tooLarge } from "./errors.ts";
import { MAX_HEAD_BYTES, parseHead, type ResponseHead } from "./head.ts";
import { encodeRequestHead, type HttpRequest } from "./request-head.ts";

export interface Upgraded {
  readonly head: ResponseHead;
  /** The other protocol's bytes, from the first on. */
  readonly stream: Duplex;
}

/**
 * Asks a server to change to another protocol (RFC 9110 §7.8), on a connection of its own. The deadline is the caller's, who aborts the stream.
 * @throws refused if it answers with anything but 101; malformed, resource-limit, closed; what `stream` throws.
 */
export async function upgrade(stream: Duplex, request: HttpRequest): Promise<Upgraded> {
  await stream.write(encodeRequestHead(request));
  const { text, rest } = await readHeadText(stream);
  const head = parseHead(text);
  if (head.status !== 101) throw new TaborError("refused", "site", `it answers with ${String(head.status)}`);
  return { head, stream: startingWith(rest, stream) };
}

async function readHeadText(stream: Duplex): Promise<{ text: string; rest: Uint8Array }> {
  let bytes = new Uint8Array(0);
  for (let piece = await stream.read(); piece !== null; piece = await stream.read()) {
    bytes = concat(bytes, piece);
    const text = String.fromCharCode(...bytes.subarray(0, MAX_HEAD_BYTES));
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) return { text: text.slice(0, end), rest: bytes.subarray(end + 4) };
    if (bytes.length >= MAX_HEAD_BYTES) throw tooLarge("the header");
  }
  throw malformed("no answer to the wish for another protocol");
}
