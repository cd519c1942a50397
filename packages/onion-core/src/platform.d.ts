/**
 * The few globals that every platform of ours has and that the core may use: they are pure or cryptographic.
 * Everything else that a browser or Node offers is a compile error here, on purpose.
 */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
  throwIfAborted(): void;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

interface CryptoKey {
  readonly type: "public" | "private" | "secret";
}
interface CryptoKeyPair {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}
/** WebCrypto without its random generator: randomness is handed in. Typed in `crypto/subtle.ts`. */
declare const crypto: { readonly subtle: object };
