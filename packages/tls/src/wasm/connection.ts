import { TaborError } from "@tabor/onion-core";
import type { TlsInfo } from "@tabor/browsing/api";
import type { Rustls, RustlsExports } from "./rustls.ts";

/** Bits of `connection_status`. */
const HANDSHAKING = 1;
const WANTS_WRITE = 2;
const PEER_CLOSED = 4;
const FAILED = 8;

/** One TLS connection in the module's memory: bytes in, bytes out, no I/O. What it returns is the caller's. */
export class RustlsConnection {
  readonly #rustls: Rustls;
  #pointer: number | undefined;

  constructor(rustls: Rustls, pointer: number) {
    this.#rustls = rustls;
    this.#pointer = pointer;
  }

  get handshaking(): boolean {
    return this.#has(HANDSHAKING);
  }

  /** There is ciphertext to take. */
  get wantsWrite(): boolean {
    return this.#has(WANTS_WRITE);
  }

  /** close_notify has come: after what can be read now there is nothing. */
  get peerClosed(): boolean {
    return this.#has(PEER_CLOSED);
  }

  /** Nothing can be fed any more; there may be plaintext of before, and an alert to take. */
  get failed(): boolean {
    return this.#has(FAILED);
  }

  /** Ciphertext from the network. Returns how much was taken; the rest after plaintext has been read. */
  feed(bytes: Uint8Array): number {
    const length = this.#rustls.put(bytes);
    return this.#call((exports, pointer) => exports.connection_feed(pointer, length));
  }

  /** Ciphertext for the network, at most 64 KiB; empty if there is none. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#get((exports, pointer) => exports.connection_take(pointer));
  }

  /** Plaintext from the site, at most 64 KiB; empty if there is none. */
  read(): Uint8Array<ArrayBuffer> {
    return this.#get((exports, pointer) => exports.connection_read(pointer));
  }

  /** Plaintext for the site. Returns how much was taken; the rest after ciphertext has been taken. */
  write(bytes: Uint8Array): number {
    const length = this.#rustls.put(bytes);
    return this.#call((exports, pointer) => exports.connection_write(pointer, length));
  }

  /** Queues close_notify. */
  close(): void {
    this.#call((exports, pointer) => {
      exports.connection_close(pointer);
    });
  }

  /** Why it failed, in the words of `rust/src/reason.rs`. */
  reason(): string {
    return this.#text((exports, pointer) => exports.connection_reason(pointer));
  }

  /** What was agreed on, once it is no longer handshaking. */
  info(): TlsInfo {
    const [version, cipherSuite = "", alpn = ""] = this.#text((exports, pointer) =>
      exports.connection_agreed(pointer),
    ).split("\n");
    return {
      version: version === "TLS 1.3" ? "TLS 1.3" : "TLS 1.2",
      cipherSuite,
      alpn: alpn === "" ? undefined : alpn,
      certificates: [...this.#certificates()],
    };
  }

  /** Gives its memory back; calling it again does nothing. After that it must not be used. */
  free(): void {
    const pointer = this.#pointer;
    this.#pointer = undefined;
    if (pointer === undefined || !this.#rustls.usable) return;
    this.#rustls.call((exports) => {
      exports.connection_free(pointer);
    });
  }

  get freed(): boolean {
    return this.#pointer === undefined;
  }

  *#certificates(): Iterable<Uint8Array> {
    for (let index = 0; ; index++) {
      const certificate = this.#get((exports, pointer) => exports.connection_certificate(pointer, index));
      if (certificate.length === 0) return;
      yield certificate;
    }
  }

  #has(bit: number): boolean {
    return (this.#call((exports, pointer) => exports.connection_status(pointer)) & bit) !== 0;
  }

  #text(run: (exports: RustlsExports, pointer: number) => number): string {
    return new TextDecoder().decode(this.#get(run));
  }

  #get(run: (exports: RustlsExports, pointer: number) => number): Uint8Array<ArrayBuffer> {
    return this.#rustls.get(this.#call(run));
  }

  #call<T>(run: (exports: RustlsExports, pointer: number) => T): T {
    const pointer = this.#pointer;
    if (pointer === undefined) throw new TaborError("usage", "here", "this TLS connection is over");
    return this.#rustls.call((exports) => run(exports, pointer));
  }
}
