import { TaborError, toTaborError, type Clock, type Duplex, type Random } from "@tabor/onion-core";
import type { TlsClient, TlsOptions } from "@tabor/browsing/api";
import { tlsFailure } from "./failure.ts";
import { RustlsStream } from "./tls-stream.ts";
import { Transport } from "./transport.ts";
import { Rustls } from "./wasm/rustls.ts";

export interface TlsClientOptions {
  /** Compiled from the file at `wasmUrl`. */
  readonly module: WebAssembly.Module;
  /** Certificates that are trusted to issue others, DER: `parseRoots` of the file at `rootsUrl`. */
  readonly roots: readonly Uint8Array[];
  readonly random: Random;
  readonly clock: Clock;
  /** What a handshake may take, in milliseconds. */
  readonly handshakeMs?: number;
}

/** Two round trips through three hops, and a slow site. */
const HANDSHAKE_MS = 30_000;

/**
 * TLS 1.3 and 1.2 by rustls. One client serves all sites and circuits: connections share nothing, as sessions are never
 * resumed. @throws TaborError usage: a root that is not a certificate.
 */
export function tlsClient(options: TlsClientOptions): TlsClient {
  let rustls = new Rustls(options);
  return {
    connect: (stream, connectOptions) => {
      if (!rustls.usable) rustls = new Rustls(options);
      return connect(rustls, stream, { ...options, ...connectOptions });
    },
  };
}

async function connect(
  rustls: Rustls,
  stream: Duplex,
  options: TlsClientOptions & TlsOptions,
): Promise<RustlsStream> {
  const { clock, signal, handshakeMs = HANDSHAKE_MS, aes256 = false } = options;
  const connection = orAbort(stream, () => rustls.connect(options.serverName, options.alpn, aes256));
  const transport = new Transport(connection, stream, clock);
  const abort = (error: TaborError) => () => {
    transport.abort(error);
  };
  const cancel = clock.after(handshakeMs, abort(tooSlow()));
  const withdraw = abort(withdrawn());
  signal?.addEventListener("abort", withdraw);
  if (signal?.aborted === true) withdraw();
  try {
    await handshake(transport);
    return new RustlsStream(transport);
  } catch (thrown) {
    throw abandon(transport, thrown);
  } finally {
    cancel();
    signal?.removeEventListener("abort", withdraw);
  }
}

async function handshake(transport: Transport): Promise<void> {
  const { connection } = transport;
  await transport.flush();
  while (connection.handshaking) {
    if (!(await transport.pull())) throw cutOff();
    if (connection.failed) throw tlsFailure(connection.reason());
    // What is said last belongs to it too: our Finished.
    await transport.flush();
  }
}

/** @returns what `connect` throws. */
function abandon(transport: Transport, thrown: unknown): TaborError {
  const error = toTaborError(thrown, "here", "TLS handshake");
  const { connection } = transport;
  if (!connection.freed && connection.failed) void transport.dismiss(error);
  else transport.abort(error);
  return error;
}

/** The stream was handed over: whatever happens, it is not left open. */
function orAbort<T>(stream: Duplex, action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    const error = toTaborError(thrown, "here", "TLS");
    stream.abort(error);
    throw error;
  }
}

function cutOff(): TaborError {
  return new TaborError("closed", "site", "the site ended the connection before encryption was agreed on");
}

function tooSlow(): TaborError {
  return new TaborError("timeout", "site", "the site took too long to agree on encryption");
}

function withdrawn(): TaborError {
  return new TaborError("aborted", "here", "the TLS handshake was called off");
}
