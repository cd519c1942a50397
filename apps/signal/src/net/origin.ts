import type { IncomingMessage } from "node:http";

/**
 * Whether a connection may be opened for this request: programs send no `Origin`; of web pages, those that this server
 * itself served, and those of origins that the operator allows. Browsers let any page open a WebSocket anywhere, so
 * the server has to look.
 */
export function isOriginAllowed({ headers }: IncomingMessage, allowed: ReadonlySet<string>): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (allowed.has(origin)) return true;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
