import type { Aead, MaybePromise } from "./aead.ts";

/**
 * The cryptographic primitives, handed in: WebCrypto everywhere, `node:crypto` and OpenSSL where that measures faster. Whatever is
 * handed to them has been taken when the call returns.
 */
export interface Primitives {
  readonly aead: Aead;
  readonly handshake: HandshakeCrypto;
}

/** What ntor-v3 is made of (SPEC §5.1). One contract suite describes every implementation. */
export interface HandshakeCrypto {
  /** A fresh X25519 pair. */
  generateKeyPair(): MaybePromise<DhKeyPair>;
  /** @param privateKey 32 bytes; the caller wipes them. @param publicKey the 32 bytes that belong to it. */
  importKeyPair(privateKey: Uint8Array, publicKey: Uint8Array): MaybePromise<DhKeyPair>;
  /**
   * AES-256-CTR with a zero IV: encrypts, and decrypts what it encrypted. The key must be used for one message only.
   * @param key 32 bytes.
   */
  applyKeyStream(key: Uint8Array, message: Uint8Array): MaybePromise<Uint8Array>;
  /** SHA3-256 (FIPS 202): 32 bytes. Immediate, like the next: WebCrypto has neither. */
  readonly sha3: (input: Uint8Array) => Uint8Array;
  /** SHAKE256 (FIPS 202). @param length of the result, in bytes. */
  readonly shake: (input: Uint8Array, length: number) => Uint8Array;
}

/** An X25519 key pair (RFC 7748). The private key does not leave it. */
export interface DhKeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * The secret shared with the holder of another key, 32 bytes. An all-zero one is refused (RFC 7748 §6.1, SPEC §5.1).
   * @throws not-authentic for a public key of another length or that gives an all-zero secret.
   */
  agree(publicKey: Uint8Array): MaybePromise<Uint8Array>;
}
