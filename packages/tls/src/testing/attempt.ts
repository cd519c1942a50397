import { TaborError } from "@tabor/onion-core";
import type { TlsInfo, TlsStream } from "@tabor/browsing/api";
import type { Identity } from "./certificates.ts";
import { testClient } from "./client.ts";
import { tlsServer, type TestServer, type TlsServerOptions } from "./server.ts";
import { socketDuplex } from "./socket-duplex.ts";

export interface Attempt extends TlsServerOptions {
  readonly roots: readonly Identity[];
  readonly serverName?: string;
  readonly alpn?: readonly string[];
  readonly aes256?: boolean;
  readonly now?: number;
}

/** What a client gets that connects to Node's TLS with this chain. */
export async function attempt(options: Attempt): Promise<TlsInfo | TaborError> {
  await using server = await tlsServer(options);
  return await outcome(() => connect(server, options));
}

export async function connect(
  server: TestServer,
  { roots, serverName = "a.example", alpn = [], aes256 = false, now }: Omit<Attempt, "chain">,
): Promise<TlsStream> {
  const { client } = await testClient(roots, now);
  return client.connect(socketDuplex(await server.connect()), { serverName, alpn, aes256 });
}

/** What TLS agreed on, or the error; anything else thrown is a fault of ours. */
export async function outcome(connecting: () => Promise<TlsStream>): Promise<TlsInfo | TaborError> {
  try {
    const stream = await connecting();
    stream.abort(new TaborError("closed", "here", "the test has seen enough"));
    return stream.info;
  } catch (thrown) {
    if (thrown instanceof TaborError) return thrown;
    throw thrown;
  }
}
