import brotliUrl from "brotli-dec-wasm/web/bg.wasm?url";
import type { TlsClient } from "@tabor/browsing";
import { TaborError, type Clock, type Random } from "@tabor/onion-core";
import { parseRoots, rootsUrl, tlsClient, wasmUrl } from "@tabor/tls";

interface TlsDeps {
  readonly clock: Clock;
  readonly random: Random;
}

/** TLS whose program and roots are loaded when the first site needs them; tried again if that fails. */
export function lazyTls(deps: TlsDeps): TlsClient {
  let loaded: Promise<TlsClient> | undefined;
  const load = (): Promise<TlsClient> => {
    loaded ??= loadTls(deps).catch((thrown: unknown) => {
      loaded = undefined;
      throw new TaborError("unreachable", "here", "the app's own TLS could not be loaded", { cause: thrown });
    });
    return loaded;
  };
  return {
    connect: async (stream, options) => {
      try {
        return await (await load()).connect(stream, options);
      } catch (thrown) {
        if (loaded === undefined) stream.abort(new TaborError("unreachable", "here", "there is no TLS"));
        throw thrown;
      }
    },
  };
}

async function loadTls(deps: TlsDeps): Promise<TlsClient> {
  const [module, roots] = await Promise.all([
    WebAssembly.compileStreaming(fetch(wasmUrl)),
    fetch(rootsUrl).then((response) => response.text()),
  ]);
  return tlsClient({ ...deps, module, roots: parseRoots(roots).certificates });
}

/** The bytes of the brotli decompressor. */
export async function brotliWasm(): Promise<ArrayBuffer> {
  return (await fetch(brotliUrl)).arrayBuffer();
}
