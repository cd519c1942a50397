import type { Aead, MaybePromise } from "./aead.ts";

/**
 * The cryptographic primitives, handed in: WebCrypto everywhere, `node:crypto` and OpenSSL where that measures faster. Whatever is
 * handed to them has been taken when the call returns.
 */
export interface Primitives {
  readonly aead: Aead;
  readonly handshake: HandshakeCrypto;
}

/** What the circuit handshake is made of (SPEC §5). One contract suite describes every implementation. */
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
  readonly kem: Kem;
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

/** ML-KEM-768 (FIPS 203). */
export interface Kem {
  /** A fresh pair. */
  generateKeyPair(): MaybePromise<KemKeyPair>;
  /** @param seed d | z, 64 bytes (FIPS 203 §7.1); the caller wipes them. @throws not-authentic for other lengths. */
  importKeyPair(seed: Uint8Array): MaybePromise<KemKeyPair>;
  /**
   * A fresh secret, and the ciphertext that carries it to the holder of a key.
   * @param publicKey 1184 bytes.
   * @throws not-authentic for a key of another length, or whose coefficients are not reduced (FIPS 203 §7.2).
   */
  encapsulate(publicKey: Uint8Array): MaybePromise<Encapsulation>;
}

export interface Encapsulation {
  /** 1088 bytes. */
  readonly ciphertext: Uint8Array;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/** An ML-KEM-768 key pair. The private key does not leave it. */
export interface KemKeyPair {
  /** The encapsulation key, 1184 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * The secret of a ciphertext, 32 bytes; of one that was not made for this key, another secret that nobody else can know
   * (implicit rejection, FIPS 203 §6.3).
   * @throws not-authentic for a ciphertext of another length than 1088 bytes.
   */
  decapsulate(ciphertext: Uint8Array): MaybePromise<Uint8Array>;
}
