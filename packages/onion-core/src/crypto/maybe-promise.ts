import type { MaybePromise } from "../ports/aead.ts";

/** Applies `fn` at once if the value is there, else when it comes: synchronous ciphers cost no turn of the event loop. */
export function mapMaybe<T, U>(value: MaybePromise<T>, fn: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(fn) : fn(value);
}
