import { TaborError } from "@tabor/onion-core";

/** For each input that ML-KEM refuses. */
export function kemRefused(cause?: unknown): TaborError {
  return new TaborError("not-authentic", "link", "ML-KEM-768 input refused", { cause });
}

/** Turns whatever a library throws into that error. */
export function refusing<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw kemRefused(cause);
  }
}
