/** TLS over any byte stream, by rustls. */
export { rootsUrl, wasmUrl } from "./assets.ts";
export { parseRoots, type Roots } from "./roots.ts";
export { tlsClient, type TlsClientOptions } from "./tls-client.ts";
