import { TaborError } from "@tabor/onion-core";
import * as v from "valibot";

/** A `TaborError` as it crosses a port: structured cloning would keep its message alone. */
export const plainErrorSchema = v.strictObject({
  code: v.picklist([
    ...([
      "malformed",
      "protocol",
      "not-authentic",
      "not-a-member",
      "expired",
      "resource-limit",
      "timeout",
      "closed",
    ] as const),
    ...(["no-path", "unreachable", "resolve-failed", "refused", "exit-policy", "reset", "usage"] as const),
    "aborted",
  ]),
  where: v.picklist(["here", "directory", "link", "relay", "exit", "site"]),
  message: v.pipe(v.string(), v.maxLength(2000)),
});

export type PlainError = v.InferOutput<typeof plainErrorSchema>;

export function toPlainError({ code, where, message }: TaborError): PlainError {
  return { code, where, message: message.slice(0, 2000) };
}

export function fromPlainError({ code, where, message }: PlainError): TaborError {
  return new TaborError(code, where, message);
}
