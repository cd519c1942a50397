/**
 * Ways to stand in front of the browser's own functions. A page may have changed everything that it can reach when these run, so nothing
 * is looked up late that was there at the start; and it must not notice: what stands in front has the native's name, length and text,
 * fails where it fails, and gives way to it where our own part fails.
 */

export type Native = (this: unknown, ...args: never[]) => unknown;
type Arguments = readonly unknown[];
export type Getter<T> = (self: unknown) => T;
export type Method<T> = (self: unknown, ...args: unknown[]) => T;

const { apply, construct, defineProperty, getOwnPropertyDescriptor } = Reflect;

/** A map whose methods are its own: a page that replaces the prototype's does not reach them. */
export function pinned<T extends object>(collection: T): T {
  const prototype: object = Object.getPrototypeOf(collection) as object;
  for (const name of ["get", "set", "has", "delete", "clear", "forEach", "add"]) {
    const method = getOwnPropertyDescriptor(prototype, name);
    if (method !== undefined) defineProperty(collection, name, method);
  }
  return collection;
}

const NativeMap = Map;

/** Also where a page has put something else in `Map`'s place. */
export function ownMap<K, V>(): Map<K, V> {
  return pinned(new NativeMap<K, V>());
}

/** What `make` makes, or `otherwise` if it throws. */
export function attempt<T>(make: () => T, otherwise: T): T {
  try {
    return make();
  } catch {
    return otherwise;
  }
}

/** Of what stands in front: the native behind it. */
const natives = pinned(new WeakMap<object, object>());

/** `Function.prototype.toString` of what stands in front gives the native's text. */
export function disguise(scope: typeof globalThis): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on what it is called on
  const native = scope.Function.prototype.toString;
  const text = around(native, (self, args) =>
    apply(native, isObject(self) ? (natives.get(self) ?? self) : self, args),
  );
  define(scope.Function.prototype, "toString", text);
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** A function that looks like `native` and does what `instead` does. */
export function around<T extends object>(native: T, instead: (self: unknown, args: Arguments) => unknown): T {
  const front = new Proxy(native, { apply: (_native, self, args: Arguments) => instead(self, args) });
  natives.set(front, native);
  return front;
}

/** Hides our own function behind the look of a native. */
export function disguiseAs(ours: object, native: object): void {
  natives.set(ours, native);
}

export interface Call {
  readonly self: unknown;
  readonly args: Arguments;
  /** The native, with these arguments or others, on this object or another. */
  readonly native: (args?: Arguments, on?: unknown) => unknown;
}

/** Replaces a method, if the browser has it. */
export function replaceMethod(
  owner: object | undefined,
  name: string,
  instead: (call: Call) => unknown,
): void {
  const native = owner && (getOwnPropertyDescriptor(owner, name)?.value as Native | undefined);
  if (owner === undefined || typeof native !== "function") return;
  const front = around(native, (self, args) =>
    instead({ self, args, native: (others = args, on = self) => apply(native, on, others as never[]) }),
  );
  define(owner, name, front);
}

/** Replaces the arguments of a method; where `map` fails they stay. */
export function mapArguments(
  owner: object | undefined,
  name: string,
  map: (args: Arguments, self: unknown) => Arguments,
): void {
  replaceMethod(owner, name, ({ self, args, native }) => native(attempt(() => map(args, self), args)));
}

/** Replaces what a method returns; where `map` fails it stays. */
export function mapReturned(
  owner: object | undefined,
  name: string,
  map: (returned: unknown, self: unknown, args: Arguments) => unknown,
): void {
  replaceMethod(owner, name, ({ self, args, native }) => {
    const returned = native();
    return attempt(() => map(returned, self, args), returned);
  });
}

export interface AccessorMaps {
  /** Of what the native gives. */
  readonly get?: (value: unknown, self: unknown) => unknown;
  /** Sets in place of the native, which is called with what it returns; false: it has been done otherwise. */
  readonly set?: (value: unknown, self: unknown) => { readonly value: unknown } | false;
  /** The native getter is asked before `set` is, as it refuses objects of other kinds. Not where getting takes long. */
  readonly checked?: boolean;
}

/** Replaces an accessor, if the browser has it; where a map fails the native's way stays. */
export function replaceAccessor(
  owner: object | undefined,
  name: string,
  { get, set, checked }: AccessorMaps,
): void {
  const native = owner && getOwnPropertyDescriptor(owner, name);
  if (owner === undefined || native?.configurable !== true) return;
  const { get: nativeGet, set: nativeSet } = native as { get?: Native; set?: Native };
  const replaced: PropertyDescriptor = { ...native };
  if (get !== undefined && nativeGet !== undefined) {
    replaced.get = around(nativeGet, (self) => {
      const value = apply(nativeGet, self, []);
      return attempt(() => get(value, self), value);
    });
  }
  if (set !== undefined && nativeSet !== undefined) {
    replaced.set = around(nativeSet, (self, [value]) => {
      if (checked === true && nativeGet !== undefined) apply(nativeGet, self, []);
      const mapped = attempt(() => set(value, self), { value });
      if (mapped !== false) apply(nativeSet, self, [mapped.value] as never[]);
    }) as (value: unknown) => void;
  }
  defineProperty(owner, name, replaced);
}

/** Replaces a getter's value by a fixed one, or a late one. */
export function replaceValue(
  owner: object | undefined,
  name: string,
  value: (self: unknown) => unknown,
): void {
  replaceAccessor(owner, name, { get: (_native, self) => value(self) });
}

type Constructor = (abstract new (...args: never[]) => object) & { readonly prototype: object };

/** Replaces the arguments of a constructor; where `map` fails they stay. */
export function mapConstruction(
  scope: object,
  name: string,
  map: (args: Arguments, build: (args: Arguments) => object) => Arguments | { readonly built: object },
): void {
  const native = getOwnPropertyDescriptor(scope, name)?.value as Constructor | undefined;
  if (typeof native !== "function") return;
  const front = new Proxy(native, {
    construct: (_native, args: Arguments, target) => {
      const build = (others: Arguments): object => construct(native, others as never[], target) as object;
      const mapped = attempt(() => map(args, build), args);
      return "built" in mapped ? mapped.built : build(mapped);
    },
  });
  natives.set(front, native);
  define(scope, name, front);
  define(native.prototype, "constructor", front);
}

/** Takes away what could only fail. */
export function remove(owner: object | undefined, names: readonly string[]): void {
  for (const name of names)
    if (owner !== undefined) attempt(() => Reflect.deleteProperty(owner, name), false);
}

/** The native getter of a property, to be called on any object of its kind, whatever the page makes of it later. */
export function getterOf(owner: object, name: string): Getter<unknown> {
  const get = getOwnPropertyDescriptor(owner, name)?.get as Native | undefined;
  return (self) => (get === undefined ? undefined : apply(get, self, []));
}

/** The native setter of a property. */
export function setterOf(owner: object, name: string): (self: unknown, value: unknown) => void {
  const set = getOwnPropertyDescriptor(owner, name)?.set as Native | undefined;
  return (self, value) => {
    if (set !== undefined) apply(set, self, [value] as never[]);
  };
}

/** A native method. */
export function methodOf(owner: object, name: string): Method<unknown> {
  const method = getOwnPropertyDescriptor(owner, name)?.value as Native | undefined;
  return (self, ...args) => (method === undefined ? undefined : apply(method, self, args as never[]));
}

function define(owner: object, name: string, value: unknown): void {
  const before = getOwnPropertyDescriptor(owner, name);
  defineProperty(owner, name, { ...(before ?? { configurable: true, writable: true }), value });
}

/** As Web IDL makes a string of an argument: throws for a symbol, and whatever an object throws. */
export function text(value: unknown): string {
  // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- any value that a page gives
  return `${value}`;
}
