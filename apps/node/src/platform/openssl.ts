import koffi from "koffi";

/** An address that OpenSSL gave us; only handed back to it. */
export type Pointer = object & { readonly __brand: "Pointer" };

/** What we call of the libcrypto that Node itself carries and exports (EVP_EncryptInit(3)). 1 is success. */
export interface Openssl {
  readonly newContext: () => Pointer | null;
  readonly aes256gcm: () => Pointer | null;
  readonly init: Native<
    [
      context: Pointer,
      cipher: Pointer | null,
      engine: null,
      key: Uint8Array | null,
      iv: Uint8Array | null,
      encrypt: 0 | 1,
    ]
  >;
  readonly update: Native<
    [context: Pointer, out: Uint8Array, written: Int32Array, input: Uint8Array, length: number]
  >;
  readonly final: Native<[context: Pointer, out: Uint8Array, written: Int32Array]>;
  readonly control: Native<[context: Pointer, command: number, length: number, bytes: Uint8Array]>;
}

type Native<Arguments extends readonly unknown[]> = (...args: Arguments) => number;

/** undefined where Node does not export it, or there is no binding for this machine. */
export function loadOpenssl(): Openssl | undefined {
  try {
    const library = koffi.load(null);
    const bind = (declaration: string): unknown => library.func(declaration);
    const openssl: Record<keyof Openssl, unknown> = {
      newContext: bind("void *EVP_CIPHER_CTX_new()"),
      aes256gcm: bind("void *EVP_aes_256_gcm()"),
      init: bind(
        "int EVP_CipherInit_ex(void *ctx, void *cipher, void *engine, const uint8_t *key, const uint8_t *iv, int enc)",
      ),
      update: bind("int EVP_CipherUpdate(void *ctx, uint8_t *out, int *outl, const uint8_t *in, int inl)"),
      final: bind("int EVP_CipherFinal_ex(void *ctx, uint8_t *out, int *outl)"),
      control: bind("int EVP_CIPHER_CTX_ctrl(void *ctx, int type, int arg, uint8_t *ptr)"),
    };
    return openssl as Openssl;
  } catch {
    return undefined;
  }
}
