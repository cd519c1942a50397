import { malformed } from "./errors.ts";
import type { ResponseHead } from "./head.ts";

/** How the end of a body is found. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until-close" };

/**
 * RFC 9112 §6.3, for any method but CONNECT. Where the RFC lets a recipient choose between repairing and refusing, this
 * refuses: two parties that read one message differently are how requests and responses are smuggled.
 */
export function framingOf(head: ResponseHead, method: string): Framing {
  if (method === "HEAD") return { kind: "none" };
  if (head.status === 204 || head.status === 304) return { kind: "none" };
  const codings = head.fields.list("transfer-encoding");
  const lengths = head.fields.all("content-length");
  if (codings.length > 0) {
    if (lengths.length > 0) throw malformed("both a length and a transfer coding");
    return transferCoded(head, codings);
  }
  if (head.fields.all("transfer-encoding").length > 0) throw malformed("empty transfer coding");
  return lengths.length > 0 ? { kind: "length", length: oneLength(lengths) } : { kind: "until-close" };
}

function transferCoded(head: ResponseHead, codings: readonly string[]): Framing {
  if (head.minorVersion === 0) throw malformed("a transfer coding in HTTP/1.0");
  if (codings.length !== 1 || codings[0] !== "chunked") throw malformed("a transfer coding nobody asked for");
  return { kind: "chunked" };
}

/** Repeated lengths must be equal (RFC 9112 §6.3, 5). */
function oneLength(values: readonly string[]): number {
  const members = values.flatMap((value) => value.split(",")).map((member) => member.trim());
  const [first = "", ...others] = members;
  if (!/^[0-9]{1,15}$/.test(first)) throw malformed("the length is not a number");
  if (others.some((other) => other !== first)) throw malformed("two different lengths");
  return Number(first);
}

/** RFC 9112 §9.3: whether another request may follow once this answer has been read. */
export function persists(head: ResponseHead, framing: Framing): boolean {
  const options = head.fields.list("connection");
  if (framing.kind === "until-close" || options.includes("close")) return false;
  return head.minorVersion >= 1 || options.includes("keep-alive");
}
