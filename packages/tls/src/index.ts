/** TLS over any byte stream, by rustls. */
export {};
