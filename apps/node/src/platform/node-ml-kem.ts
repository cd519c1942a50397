import type { Kem } from "@tabor/onion-core";
import { opensslHasMlKem, opensslMlKem } from "./openssl-ml-kem.ts";

/** By OpenSSL where Node has it, from 24.7 on; else in WebAssembly, a tenth of the time that JavaScript takes. Results are immediate. */
export const nodeMlKem: Kem = opensslHasMlKem() ? opensslMlKem : await inWebAssembly();

/** Loaded only where it is needed. */
async function inWebAssembly(): Promise<Kem> {
  const { liboqsMlKem } = await import("./liboqs-ml-kem.ts");
  return liboqsMlKem();
}
