/**
 * WebCrypto as the core sees it. The types of DOM and of Node each ask for something else (`Uint8Array<ArrayBuffer>`,
 * overloads by algorithm), and the core is compiled beside either: so it brings its own.
 */
export interface Subtle {
  importKey(
    format: "raw" | "pkcs8" | "raw-public" | "raw-seed",
    key: Uint8Array,
    algorithm: string | { name: string },
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey>;
  exportKey(format: "raw" | "pkcs8" | "raw-public", key: CryptoKey): Promise<ArrayBuffer>;
  generateKey(
    algorithm: string | { name: string },
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKeyPair>;
  deriveBits(
    algorithm: { name: string; public: CryptoKey },
    key: CryptoKey,
    length: number,
  ): Promise<ArrayBuffer>;
  getPublicKey(key: CryptoKey, usages: readonly string[]): Promise<CryptoKey>;
  encapsulateBits(
    algorithm: string,
    key: CryptoKey,
  ): Promise<{ readonly ciphertext: ArrayBuffer; readonly sharedKey: ArrayBuffer }>;
  decapsulateBits(algorithm: string, key: CryptoKey, ciphertext: Uint8Array): Promise<ArrayBuffer>;
  digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer>;
  sign(algorithm: string, key: CryptoKey, data: Uint8Array): Promise<ArrayBuffer>;
  verify(algorithm: string, key: CryptoKey, signature: Uint8Array, data: Uint8Array): Promise<boolean>;
  encrypt(algorithm: object, key: CryptoKey, data: Uint8Array): Promise<ArrayBuffer>;
  decrypt(algorithm: object, key: CryptoKey, data: Uint8Array): Promise<ArrayBuffer>;
}

export const subtle = crypto.subtle as unknown as Subtle;
