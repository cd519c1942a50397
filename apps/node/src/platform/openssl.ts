import koffi from "koffi";

/** An address in native memory; 0 is none. A number is handed over in a third of the time that a view of an `ArrayBuffer` takes. */
export type Pointer = number & { readonly __brand: "Pointer" };

export const NO_POINTER = 0 as Pointer;

/** What we call of the libcrypto that Node itself carries and exports (EVP_EncryptInit(3)). 1 is success. */
export interface Openssl {
  readonly newContext: () => Pointer;
  readonly freeContext: (context: Pointer) => void;
  readonly aes256gcm: () => Pointer;
  readonly init: Native<
    [context: Pointer, cipher: Pointer, engine: Pointer, key: Pointer, iv: Pointer, encrypt: 0 | 1]
  >;
  readonly update: Native<
    [context: Pointer, out: Uint8Array, written: Pointer, input: Uint8Array, length: number]
  >;
  readonly final: Native<[context: Pointer, out: Pointer, written: Pointer]>;
  readonly control: Native<[context: Pointer, command: number, length: number, bytes: Pointer]>;
  /** Memory that both sides see, for good. */
  readonly share: (length: number) => Shared;
}

export interface Shared {
  readonly bytes: Uint8Array;
  readonly pointer: Pointer;
}

type Native<Arguments extends readonly unknown[]> = (...args: Arguments) => number;

/** undefined where Node does not export it, or there is no binding for this machine. */
export function loadOpenssl(): Openssl | undefined {
  try {
    const library = koffi.load(null);
    const bind = (declaration: string): unknown => library.func(declaration);
    const openssl: Record<keyof Openssl, unknown> = {
      newContext: bind("uintptr_t EVP_CIPHER_CTX_new()"),
      freeContext: bind("void EVP_CIPHER_CTX_free(uintptr_t ctx)"),
      aes256gcm: bind("uintptr_t EVP_aes_256_gcm()"),
      init: bind(
        "int EVP_CipherInit_ex(uintptr_t ctx, uintptr_t cipher, uintptr_t engine, uintptr_t key, uintptr_t iv, int enc)",
      ),
      update: bind("int EVP_CipherUpdate(uintptr_t ctx, void *out, uintptr_t outl, void *in, int inl)"),
      final: bind("int EVP_CipherFinal_ex(uintptr_t ctx, uintptr_t out, uintptr_t outl)"),
      control: bind("int EVP_CIPHER_CTX_ctrl(uintptr_t ctx, int type, int arg, uintptr_t ptr)"),
      share,
    };
    return openssl as Openssl;
  } catch {
    return undefined;
  }
}

function share(length: number): Shared {
  const memory: unknown = koffi.alloc("uint8_t", length);
  return {
    bytes: new Uint8Array(koffi.view(memory, length)),
    pointer: Number(koffi.address(memory)) as Pointer,
  };
}
