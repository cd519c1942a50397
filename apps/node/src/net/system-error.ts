import type { EndReason } from "@tabor/onion-core";

/** The code of an error of Node's ("ECONNREFUSED"), or "" for others. */
export function errorCode(thrown: unknown): string {
  if (!(thrown instanceof Error) || !("code" in thrown)) return "";
  return typeof thrown.code === "string" ? thrown.code : "";
}

const REASONS: Readonly<Record<string, EndReason>> = {
  ECONNREFUSED: "connection-refused",
  ECONNRESET: "connection-reset",
  EPIPE: "connection-reset",
  ETIMEDOUT: "timeout",
  EHOSTUNREACH: "no-route",
  ENETUNREACH: "no-route",
  EHOSTDOWN: "no-route",
  ENETDOWN: "no-route",
  EAFNOSUPPORT: "no-route",
  EADDRNOTAVAIL: "no-route",
  EMFILE: "resource-limit",
  ENFILE: "resource-limit",
  ENOBUFS: "resource-limit",
  ENOMEM: "resource-limit",
  EAGAIN: "resource-limit",
};

/** Why a connection to a site failed, for the client (SPEC §7.3). */
export function endReasonOf(thrown: unknown): EndReason {
  return REASONS[errorCode(thrown)] ?? "misc";
}
