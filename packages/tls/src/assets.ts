/** Where the files of this package are; the app fetches or reads them, this package does no I/O. */

/** rustls: to be compiled with `WebAssembly.compileStreaming`. */
export const wasmUrl = new URL("../wasm/tls.wasm", import.meta.url);

/** Mozilla's trusted issuers: for `parseRoots`. */
export const rootsUrl = new URL("../roots/mozilla.pem", import.meta.url);
