import type { PageAddresses } from "./addresses.ts";
import type { EngineLine } from "./engine-line.ts";

/** What every hook is handed. */
export interface HookContext {
  /** The window or worker scope that is hooked. */
  readonly scope: typeof globalThis;
  readonly addresses: PageAddresses;
  readonly engine: EngineLine;
  /** What relative addresses are relative to: the document's `baseURI`, or the worker's script. */
  readonly base: () => string;
}

/** The prototype of an interface, if this browser, in this kind of scope, has it. */
export function prototypeOf(scope: object, name: string): object | undefined {
  const value = Reflect.getOwnPropertyDescriptor(scope, name)?.value as { prototype?: object } | undefined;
  return value?.prototype;
}

/** The scope, or which of its prototypes has this function: a window has its own, a worker mostly not. */
export function holderOf(scope: object, name: string): object | undefined {
  let holder: object | null = scope;
  while (holder !== null && !Object.hasOwn(holder, name)) holder = Reflect.getPrototypeOf(holder);
  return holder ?? undefined;
}

/** A property of the scope, as it is now. */
export function valueOf(scope: object, name: string): unknown {
  return Reflect.get(scope, name);
}
