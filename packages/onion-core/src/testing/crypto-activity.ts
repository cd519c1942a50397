import { subtle, type Subtle } from "../crypto/subtle.ts";

const OPERATIONS = [
  "importKey",
  "exportKey",
  "generateKey",
  "deriveBits",
  "digest",
  "sign",
  "verify",
  "encrypt",
  "decrypt",
] as const satisfies readonly (keyof Subtle)[];

let underWay = 0;
let watching = false;

/**
 * How many WebCrypto operations are under way. They run on other threads, so a test that wants to know that nothing more
 * will happen has to ask. The first call begins to count.
 */
export function cryptoUnderWay(): number {
  if (!watching) for (const operation of OPERATIONS) watch(operation);
  watching = true;
  return underWay;
}

function watch(operation: (typeof OPERATIONS)[number]): void {
  const original = subtle[operation] as (...args: unknown[]) => Promise<unknown>;
  const counted = (...args: unknown[]): Promise<unknown> => {
    const result = original.apply(subtle, args);
    underWay += 1;
    const done = (): void => void (underWay -= 1);
    result.then(done, done);
    return result;
  };
  Object.defineProperty(subtle, operation, { value: counted, configurable: true, writable: true });
}
