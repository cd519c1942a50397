import type { Fields } from "./fields.ts";

export interface MediaType {
  /** "type/subtype" in lower case. */
  readonly essence: string;
  /** The charset parameter in lower case, if there is one. */
  readonly charset: string | undefined;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Content-Type (RFC 9110 §8.3.1); of several lines the last that parses counts, as in browsers. Undefined if none does. */
export function mediaTypeOf(fields: Fields): MediaType | undefined {
  return fields
    .all("content-type")
    .map(parseMediaType)
    .findLast((type) => type !== undefined);
}

function parseMediaType(value: string): MediaType | undefined {
  const [essence = "", ...parameters] = value.split(";").map((part) => part.trim());
  const [type = "", subtype = "", ...more] = essence.split("/");
  if (!TOKEN.test(type) || !TOKEN.test(subtype) || more.length > 0) return undefined;
  return { essence: essence.toLowerCase(), charset: charsetOf(parameters) };
}

function charsetOf(parameters: readonly string[]): string | undefined {
  for (const parameter of parameters) {
    const match = /^charset=(?:"([^"]*)"|([^"\s]+))$/i.exec(parameter);
    if (match !== null) return (match[1] ?? match[2] ?? "").trim().toLowerCase();
  }
  return undefined;
}
