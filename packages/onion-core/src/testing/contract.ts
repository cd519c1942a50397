import { bytesToHex } from "../bytes/bytes.ts";
import type { MaybePromise } from "../ports/aead.ts";

/**
 * One promise of a port, as a test that any runner can call: `for (const { name, run } of contract) test(name, run)`.
 * Contracts name no test framework, so they run in Node and in a browser's page alike.
 */
export interface ContractCase {
  readonly name: string;
  /** Throws or rejects when the promise is not kept. */
  run(): MaybePromise<void>;
}

export function check(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Error(`not kept: ${promise}`);
}

export function checkBytes(actual: Uint8Array | null, expected: Uint8Array, what: string): void {
  const found = actual === null ? "null" : bytesToHex(actual);
  check(found === bytesToHex(expected), `${what} is ${bytesToHex(expected)}, but found ${found}`);
}

/** @throws unless `action` throws, or returns a promise that rejects. */
export async function checkThrows(action: () => unknown, promise: string): Promise<void> {
  const threw = await (async () => {
    await action();
    return false;
  })().catch(() => true);
  check(threw, promise);
}
