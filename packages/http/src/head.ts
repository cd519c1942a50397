import type { ByteSource } from "./byte-source.ts";
import { malformed, tooLarge } from "./errors.ts";
import { Fields } from "./fields.ts";

/** Bounds on what a site may send before the content; a site that sends endless fields would fill our memory. */
export const MAX_HEAD_BYTES = 65_536;
export const MAX_FIELDS = 200;
/** Interim (1xx) answers before the final one. */
const MAX_INTERIM = 8;

export interface ResponseHead {
  /** 0 for HTTP/1.0, 1 for HTTP/1.1 and later minor versions. */
  readonly minorVersion: number;
  /** 200…599 */
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
}

/** Reads the final response's head, skipping interim ones (RFC 9110 §15.2). */
export async function readHead(source: ByteSource): Promise<ResponseHead> {
  for (let interim = 0; interim <= MAX_INTERIM; interim++) {
    const head = await readOneHead(source);
    if (head.status >= 200) return head;
    if (head.status === 101) throw malformed("it changes to a protocol nobody asked for");
  }
  throw tooLarge("interim responses");
}

/** The start line of a request and its fields (RFC 9112 §3). @throws malformed, resource-limit, closed. */
export async function readRequestHead(
  source: ByteSource,
): Promise<{ readonly method: string; readonly target: string; readonly fields: Fields }> {
  const budget = { bytes: MAX_HEAD_BYTES };
  const line = await boundedLine(source, budget);
  const match = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/[\x21-\x7e]*) HTTP\/1\.1$/.exec(line);
  if (match === null) throw malformed("no request line");
  const [, method = "", target = ""] = match;
  return { method, target, fields: await readFields(source, budget) };
}

async function readOneHead(source: ByteSource): Promise<ResponseHead> {
  const budget = { bytes: MAX_HEAD_BYTES };
  const start = parseStatusLine(await boundedLine(source, budget));
  return { ...start, fields: await readFields(source, budget) };
}

/** A head that has come whole, without the empty line behind it; of any status. @throws malformed, resource-limit. */
export function parseHead(text: string): ResponseHead {
  const [start = "", ...lines] = text.split("\r\n");
  if (lines.length > MAX_FIELDS) throw tooLarge("header fields");
  return { ...parseStatusLine(start), fields: new Fields(lines.map(parseFieldLine)) };
}

/**
 * Field lines up to the empty line (RFC 9112 §5); also the trailer section of a chunked body.
 * @param budget how many bytes may still come; reduced by what came.
 */
export async function readFields(source: ByteSource, budget: { bytes: number }): Promise<Fields> {
  const lines: string[] = [];
  for (let count = 0; count <= MAX_FIELDS; count++) {
    const line = await boundedLine(source, budget);
    if (line === "") return new Fields(lines.map(parseFieldLine));
    if (/^[ \t]/.test(line)) unfold(lines, line);
    else lines.push(line);
  }
  throw tooLarge("header fields");
}

/** Obsolete line folding: a user agent replaces it by a space (RFC 9112 §5.2). */
function unfold(lines: string[], continuation: string): void {
  const last = lines.pop();
  if (last === undefined) throw malformed("white space before the first field");
  lines.push(`${last} ${continuation.trim()}`);
}

async function boundedLine(source: ByteSource, budget: { bytes: number }): Promise<string> {
  const line = await source.line(budget.bytes, "the header");
  budget.bytes -= line.length + 2;
  if (budget.bytes < 0) throw tooLarge("the header");
  return line;
}

/** RFC 9112 §4; the space before an empty reason is often missing. */
function parseStatusLine(line: string): Omit<ResponseHead, "fields"> {
  const match = /^HTTP\/1\.([0-9]) ([1-5][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/.exec(line);
  if (match === null) throw malformed("no status line");
  const [, minor = "", status = "", reason = ""] = match;
  return { minorVersion: Math.min(Number(minor), 1), status: Number(status), reason };
}

/** RFC 9110 §5: a token, a colon without white space before it, and a value without control characters. */
function parseFieldLine(line: string): readonly [name: string, value: string] {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line);
  if (match === null) throw malformed("a header field is broken");
  const [, name = "", value = ""] = match;
  return [name.toLowerCase(), value.trimEnd()];
}
