import { fork } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { systemRandom } from "@tabor/platform";
import { VirtualClock } from "@tabor/onion-core/testing";
import { tlsClient, wasmUrl } from "@tabor/tls";
import { NOW } from "../../packages/tls/src/testing/certificates.ts";
import { connectTo } from "../../packages/tls/src/testing/server.ts";
import { socketDuplex } from "../../packages/tls/src/testing/socket-duplex.ts";

interface Site {
  readonly port: number;
  readonly root: Uint8Array;
}

export interface TlsSpeed {
  readonly mibps: number;
  /** Of each handshake. */
  readonly handshakeMs: readonly number[];
}

const HANDSHAKES = 20;

/** rustls as WebAssembly in Node, against Node's own TLS in another process. */
export async function tlsSpeed(): Promise<TlsSpeed> {
  const server = fork(fileURLToPath(new URL("tls-server.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    serialization: "advanced",
  });
  try {
    const site = await new Promise<Site>((resolve) =>
      server.once("message", (said) => resolve(said as Site)),
    );
    const connect = await connector(site);
    const handshakeMs: number[] = [];
    for (let i = 0; i < HANDSHAKES; i++) {
      const began = performance.now();
      const stream = await connect();
      handshakeMs.push(performance.now() - began);
      stream.end();
    }
    const stream = await connect();
    const began = performance.now();
    let length = 0;
    for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) length += bytes.length;
    stream.end();
    return { mibps: length / 1_048_576 / ((performance.now() - began) / 1000), handshakeMs };
  } finally {
    server.disconnect();
  }
}

async function connector({
  port,
  root,
}: Site): Promise<() => ReturnType<ReturnType<typeof tlsClient>["connect"]>> {
  const module = await WebAssembly.compile(await readFile(wasmUrl));
  // The certificates are of the tests' year.
  const client = tlsClient({ module, roots: [root], random: systemRandom, clock: new VirtualClock(NOW) });
  return async () =>
    client.connect(socketDuplex(await connectTo(port)), { serverName: "a.example", alpn: [] });
}
