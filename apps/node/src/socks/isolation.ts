import { bytesToBase64Url } from "@tabor/onion-core";
import type { Credentials } from "./greeting.ts";

/**
 * The isolation key of a SOCKS client's streams: equal only for equal user names and equal passwords, and another one
 * for clients that gave none (SPEC §10.2).
 */
export function isolationKey(credentials: Credentials | undefined): string {
  if (credentials === undefined) return "socks";
  return `socks:${bytesToBase64Url(credentials.user)}:${bytesToBase64Url(credentials.password)}`;
}
