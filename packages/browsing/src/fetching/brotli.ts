import type { Decompressor } from "@tabor/http";
import type { FetcherInit } from "./api.ts";

/** As `BrotliStreamResultCode` of brotli-dec-wasm has them. */
const STATES: Readonly<Record<number, "input" | "room" | "done">> = { 1: "done", 2: "input", 3: "room" };

/** @returns what makes decompressors for `br`; the module is loaded once, when the first is asked for. */
export function brotliDecompressors(loadWasm: FetcherInit["brotliWasm"]): () => Promise<Decompressor> {
  let loading: Promise<() => Decompressor> | undefined;
  return async () => {
    loading ??= load(loadWasm).catch((thrown: unknown) => {
      // The next page may have more luck.
      loading = undefined;
      throw thrown;
    });
    return (await loading)();
  };
}

async function load(loadWasm: FetcherInit["brotliWasm"]): Promise<() => Decompressor> {
  const [{ default: init, BrotliDecStream }, wasm] = await Promise.all([
    import("brotli-dec-wasm/web"),
    loadWasm(),
  ]);
  await init({ module_or_path: wasm });
  return () => {
    const stream = new BrotliDecStream();
    return {
      step: (input, max) => {
        const result = stream.dec(input, max);
        const step = {
          output: result.buf,
          consumed: result.input_offset,
          state: STATES[result.code] ?? "done",
        };
        result.free();
        return step;
      },
      free: () => {
        stream.free();
      },
    };
  };
}
