import { readFile } from "node:fs/promises";
import type { TlsClient } from "@tabor/browsing/api";
import { SeededRandom, VirtualClock } from "@tabor/onion-core/testing";
import { wasmUrl } from "../assets.ts";
import { tlsClient } from "../tls-client.ts";
import { derOf, NOW, type Identity } from "./certificates.ts";

let compiled: Promise<WebAssembly.Module> | undefined;

/** The committed artefact. */
export function tlsModule(): Promise<WebAssembly.Module> {
  compiled ??= readFile(wasmUrl).then((bytes) => WebAssembly.compile(bytes));
  return compiled;
}

export interface TestClient {
  readonly client: TlsClient;
  readonly clock: VirtualClock;
}

/** A client that trusts `roots` and stands at `now`. */
export async function testClient(roots: readonly Identity[], now = NOW): Promise<TestClient> {
  const clock = new VirtualClock(now);
  const random = new SeededRandom(1);
  const client = tlsClient({ module: await tlsModule(), roots: roots.map(derOf), random, clock });
  return { client, clock };
}
