import { fromPlainError, toPlainError, type PlainError } from "@tabor/browsing/view";
import { TaborError } from "@tabor/onion-core";

const KEY = "$error";

/**
 * A value as it can cross a port: structured cloning loses of a `TaborError` what it is. Plain objects, arrays and byte strings
 * stay what they are.
 */
export function toPlain(value: unknown): unknown {
  if (value instanceof TaborError) return { [KEY]: toPlainError(value) };
  return mapped(value, toPlain);
}

/** The counterpart of `toPlain`, at the other end. */
export function fromPlain(value: unknown): unknown {
  if (typeof value === "object" && value !== null && KEY in value)
    return fromPlainError(value[KEY] as PlainError);
  return mapped(value, fromPlain);
}

function mapped(value: unknown, map: (value: unknown) => unknown): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(map);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map(item)]));
}
