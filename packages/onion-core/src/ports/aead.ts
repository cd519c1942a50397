/**
 * AES-256-GCM, handed in (SPEC §4.1): WebCrypto everywhere, `node:crypto` where that measures faster. Results may
 * be immediate or promised; callers keep the order (`InOrder`). One contract suite describes every implementation.
 */
export interface Aead {
  /** @param key 32 bytes. */
  importKey(key: Uint8Array): MaybePromise<AeadKey>;
}

/**
 * Whatever is handed in has been taken when the call returns, promise or not: the caller may use the buffer again. A result has
 * a buffer of its own, unless it is immediate and `into` was given: then it is `into`, which has exactly its length.
 */
export interface AeadKey {
  /**
   * @returns ciphertext followed by the 16-byte tag.
   * @param nonce 12 bytes, never used twice.
   * @param into room for the result, apart from the plaintext. @throws usage if it has another length.
   */
  seal(nonce: Uint8Array, plaintext: Uint8Array, into?: Uint8Array): MaybePromise<Uint8Array>;
  /** @returns the plaintext, or null if the tag does not match. @param into room for it, apart from what is sealed; as above. */
  open(nonce: Uint8Array, sealed: Uint8Array, into?: Uint8Array): MaybePromise<Uint8Array | null>;
}

export type MaybePromise<T> = T | Promise<T>;
