import { TaborError } from "@tabor/onion-core";
import { RustlsConnection } from "./connection.ts";
import { wasiImports, type Host } from "./wasi.ts";

/** The functions of `rust/src/lib.rs`; pointers are non-zero. */
export interface RustlsExports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  scratch_address(): number;
  scratch_length(): number;
  roots_new(): number;
  roots_add(roots: number, length: number): number;
  client_new(roots: number): number;
  connection_new(client: number, name: number, alpn: number, aes256: boolean): number;
  connection_free(connection: number): void;
  connection_feed(connection: number, length: number): number;
  connection_take(connection: number): number;
  connection_read(connection: number): number;
  connection_write(connection: number, length: number): number;
  connection_close(connection: number): void;
  connection_status(connection: number): number;
  connection_reason(connection: number): number;
  connection_agreed(connection: number): number;
  connection_certificate(connection: number, index: number): number;
}

export interface RustlsOptions extends Omit<Host, "complain"> {
  readonly module: WebAssembly.Module;
  /** DER. */
  readonly roots: readonly Uint8Array[];
}

/**
 * One instance of the module, with one configuration, and what all its connections share: the scratch buffer. Every
 * call is over before the next begins. After a trap its memory can be in any state: it is not used again.
 */
export class Rustls {
  readonly #exports: RustlsExports;
  readonly #scratch: { readonly address: number; readonly length: number };
  readonly #client: number;
  #trapped: TaborError | undefined;
  #complaint = "";

  /** @throws TaborError usage: a root that is not a certificate. */
  constructor({ module, roots, random, clock }: RustlsOptions) {
    const host = { random, clock, complain: (text: string) => void (this.#complaint += text) };
    const imports = wasiImports(host, () => this.#exports.memory);
    const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports });
    this.#exports = instance.exports as unknown as RustlsExports;
    this.#exports._initialize();
    this.#scratch = { address: this.#exports.scratch_address(), length: this.#exports.scratch_length() };
    this.#client = this.#configure(roots);
  }

  /**
   * @param name host name or IP address.
   * @param aes256 offers that alone.
   * @throws TaborError usage: what cannot be a name, or an ALPN protocol; closed, here: after a trap.
   */
  connect(name: string, alpn: readonly string[], aes256: boolean): RustlsConnection {
    const encoder = new TextEncoder();
    const protocols = alpn.flatMap((protocol) => {
      const bytes = encoder.encode(protocol);
      if (bytes.length === 0 || bytes.length > 255) throw usage("an ALPN protocol has 1 to 255 bytes");
      return [bytes.length, ...bytes];
    });
    const nameBytes = encoder.encode(name);
    const length = this.put(Uint8Array.of(...nameBytes, ...protocols));
    const pointer = this.call((exports) =>
      exports.connection_new(this.#client, nameBytes.length, length - nameBytes.length, aes256),
    );
    if (pointer === 0) throw usage("TLS needs a host name or an IP address");
    return new RustlsConnection(this, pointer);
  }

  /** Whether connections can be made. */
  get usable(): boolean {
    return this.#trapped === undefined;
  }

  /** @throws TaborError closed, here: it trapped, now or earlier. */
  call<T>(run: (exports: RustlsExports) => T): T {
    if (this.#trapped !== undefined) throw this.#trapped;
    try {
      return run(this.#exports);
    } catch (thrown) {
      const cause = new Error(this.#complaint, { cause: thrown });
      this.#trapped = new TaborError("closed", "here", "TLS failed within", { cause });
      throw this.#trapped;
    }
  }

  /** Puts into scratch as much of `bytes` as it holds. Returns how much. */
  put(bytes: Uint8Array): number {
    const piece = bytes.subarray(0, this.#scratch.length);
    new Uint8Array(this.#exports.memory.buffer).set(piece, this.#scratch.address);
    return piece.length;
  }

  /** A copy of the first bytes of scratch. */
  get(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#exports.memory.buffer, this.#scratch.address, length).slice();
  }

  #configure(roots: readonly Uint8Array[]): number {
    return this.call((exports) => {
      const store = exports.roots_new();
      for (const root of roots) {
        if (exports.roots_add(store, this.put(root)) === 0) throw usage("a root that is not a certificate");
      }
      return exports.client_new(store);
    });
  }
}

function usage(message: string): TaborError {
  return new TaborError("usage", "here", message);
}
