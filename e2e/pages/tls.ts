/** Our TLS in a page, over a WebSocket that leads to a server of the test; the test asks for it by `window.visitTls`. */
import { TaborError } from "@tabor/onion-core";
import { VirtualClock } from "@tabor/onion-core/testing";
import { systemRandom } from "@tabor/platform";
import { tlsClient, wasmUrl } from "@tabor/tls";
import { WebSocketDuplex } from "./web-socket-duplex.ts";

declare global {
  interface Window {
    visitTls(visit: TlsVisit): Promise<TlsOutcome>;
  }
}

export interface TlsVisit {
  /** Of the WebSocket. */
  readonly url: string;
  /** DER. */
  readonly roots: readonly (readonly number[])[];
  readonly serverName: string;
  readonly alpn: readonly string[];
  readonly aes256: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Whether to ask for a page when TLS has agreed. */
  readonly asks: boolean;
}

/** What TLS agreed on, with the page if it was asked for; or the error. */
export type TlsOutcome =
  | {
      readonly version: string;
      readonly cipherSuite: string;
      readonly alpn: string | undefined;
      readonly certificates: readonly (readonly number[])[];
      readonly page: string;
    }
  | { readonly name: string; readonly code: string; readonly where: string; readonly message: string };

const compiled = WebAssembly.compileStreaming(fetch(wasmUrl));

window.visitTls = async ({ url, roots, serverName, alpn, aes256, now, asks }) => {
  const module = await compiled;
  const clock = new VirtualClock(now);
  const client = tlsClient({
    module,
    roots: roots.map((der) => Uint8Array.from(der)),
    random: systemRandom,
    clock,
  });
  try {
    const stream = await client.connect(await WebSocketDuplex.open(url), { serverName, alpn, aes256 });
    const { version, cipherSuite, alpn: agreed, certificates } = stream.info;
    const page = asks ? await pageOf(stream) : "";
    stream.abort(new TaborError("closed", "here", "the test has seen enough"));
    const chain = certificates.map((certificate) => [...certificate]);
    return { version, cipherSuite, alpn: agreed, certificates: chain, page };
  } catch (thrown) {
    if (!(thrown instanceof TaborError)) throw thrown;
    const { name, code, where, message } = thrown;
    return { name, code, where, message };
  }
};

async function pageOf(stream: Awaited<ReturnType<ReturnType<typeof tlsClient>["connect"]>>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  await stream.write(new TextEncoder().encode("a request"));
  for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read())
    text += decoder.decode(bytes);
  stream.end();
  return text;
}
