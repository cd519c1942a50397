import { TaborError } from "../errors.ts";

/** The one error for every failure of a circuit handshake: which check failed is nobody's business (SPEC §5.1). */
export function handshakeFailed(cause?: unknown): TaborError {
  return new TaborError("not-authentic", "relay", "circuit handshake failed", { cause });
}

/** Turns whatever `run` throws into that one error. */
export async function failingAlike<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw handshakeFailed(cause);
  }
}
