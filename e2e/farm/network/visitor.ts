import { request as plainRequest, type IncomingHttpHeaders } from "node:http";
import { Agent, request as tlsRequest } from "node:https";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type { Farm } from "./farm.ts";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Asks a site of the farm as a client that trusts its root. @throws what Node says of the connection or certificate. */
export function visit(
  farm: Farm,
  address: string,
  { method, headers = {}, body }: Asking = {},
): Promise<Reply> {
  const { hostname, protocol, pathname, search } = new URL(address);
  const port = protocol === "https:" ? 443 : 80;
  const to = farm.routes.find((route) => route.host === hostname && route.port === port)?.to;
  if (to === undefined) return Promise.reject(new Error(`the farm has no ${hostname}:${port}`));
  const options = {
    host: "127.0.0.1",
    port: to,
    method: method ?? "GET",
    path: `${pathname}${search}`,
    headers: { host: hostname, ...headers },
  };
  const secure = {
    servername: hostname,
    ca: farm.authority.rootPem,
    agent: new Agent({ keepAlive: false }),
    checkServerIdentity: identityOf,
  };
  return new Promise((resolve, reject) => {
    const request =
      protocol === "https:"
        ? tlsRequest({ ...options, ...secure })
        : plainRequest({ ...options, agent: false });
    request.on("error", reject).on("response", (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) }),
      );
    });
    request.end(body);
  });
}

/** Node falls back to the common name; RFC 6125 §6.4.4 lets it go. */
function identityOf(host: string, certificate: PeerCertificate): Error | undefined {
  const named = (certificate as Partial<PeerCertificate>).subjectaltname !== undefined;
  return named ? checkServerIdentity(host, certificate) : new Error("no alternative name");
}
