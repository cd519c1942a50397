import type { IncomingMessage } from "node:http";
import { hostsOf } from "../web/hosts.ts";

export interface OriginRules {
  /** Its `view.` and whatever is below never may: pages of sites live there. */
  readonly site: string;
  /** Origins of web pages, beside our own, that may: "https://example.org". */
  readonly allowed: ReadonlySet<string>;
}

/**
 * Whether a connection may be opened for this request: programs send no `Origin`; of web pages, those that this server
 * itself served, and those of origins that the operator allows. Browsers let any page open a WebSocket anywhere, so
 * the server has to look.
 */
export function isOriginAllowed({ headers }: IncomingMessage, { site, allowed }: OriginRules): boolean {
  const { origin, host } = headers;
  if (hostsOf(site, host).asked === "view") return false;
  if (origin === undefined) return true;
  const asking = URL.canParse(origin) ? new URL(origin).host : undefined;
  if (hostsOf(site, asking).asked === "view") return false;
  if (allowed.has(origin)) return true;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
