import type { HookContext } from "../context.ts";
import { attempt, disguiseAs, mapArguments, replaceMethod } from "../wrap.ts";
import { dateString, inUtc, timeString } from "./local-time.ts";

type AnyFunction = (...args: unknown[]) => unknown;
type Arguments = readonly unknown[];

const LOCAL_FIELDS = ["Date", "Day", "FullYear", "Hours", "Milliseconds", "Minutes", "Month", "Seconds"];

/** Everybody lives in UTC, and writes as the first language that sites are told. */
export function installTime({ scope, addresses }: HookContext): void {
  const locale = addresses.config.languages[0] ?? "en-US";
  installFields(scope.Date.prototype);
  installTexts(scope.Date.prototype);
  installDate(scope);
  for (const method of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"])
    mapArguments(scope.Date.prototype, method, ([locales, options]) => [locales ?? locale, inZone(options)]);
  mapArguments(scope.Number.prototype, "toLocaleString", ([locales, ...rest]) => [
    locales ?? locale,
    ...rest,
  ]);
  for (const name of FORMATS) installFormat(scope.Intl, name, locale);
}

function installFields(prototype: Date): void {
  const own = prototype as unknown as Record<string, AnyFunction | undefined>;
  for (const field of LOCAL_FIELDS) {
    for (const verb of ["get", "set"]) {
      const universal = own[`${verb}UTC${field}`];
      if (universal !== undefined)
        replaceMethod(prototype, verb + field, ({ self, args }) => Reflect.apply(universal, self, [...args]));
    }
  }
  replaceMethod(prototype, "getTimezoneOffset", ({ native }) => (Number.isNaN(native()) ? NaN : 0));
  replaceMethod(prototype, "getYear", ({ self }) => (self as Date).getUTCFullYear() - 1900);
}

function installTexts(prototype: Date): void {
  const written = (name: string, write: (date: Date) => string): void => {
    replaceMethod(prototype, name, ({ self, native }) =>
      native() === "Invalid Date" ? "Invalid Date" : write(self as Date),
    );
  };
  written("toString", (date) => `${dateString(date)} ${timeString(date)}`);
  written("toDateString", dateString);
  written("toTimeString", timeString);
}

/** `Date(...)`, `new Date(...)` and `Date.parse` read local times. */
function installDate(scope: typeof globalThis): void {
  const Native = scope.Date;
  const parse = Native.parse.bind(Native);
  const utc = Native.UTC.bind(Native);
  const parseUtc = (text: string): number => {
    const adjusted = parse(inUtc(text));
    return Number.isNaN(adjusted) ? parse(text) : adjusted;
  };
  const read = (args: Arguments): Arguments => {
    if (args.length > 1) return [utc(...(args as [number, number]))];
    return typeof args[0] === "string" ? [parseUtc(args[0])] : args;
  };
  replaceMethod(Native, "parse", ({ args }) => parseUtc(String(args[0])));
  const front = new Proxy(Native, {
    apply: () => new Native().toString(),
    construct: (_native, args: Arguments, target) =>
      Reflect.construct(Native, [...attempt(() => read(args), args)], target) as object,
  });
  stand(scope, "Date", front, Native);
}

const FORMATS = [
  ...["DateTimeFormat", "NumberFormat", "Collator", "PluralRules"],
  ...["RelativeTimeFormat", "ListFormat", "DisplayNames", "Segmenter"],
];

function installFormat(intl: object, name: string, locale: string): void {
  const native = Reflect.get(intl, name) as (AnyFunction & { readonly prototype: object }) | undefined;
  if (native === undefined) return;
  const options = (given: unknown): Arguments => {
    if (name === "DateTimeFormat") return [inZone(given)];
    return given === undefined ? [] : [given];
  };
  const map = ([locales, given]: Arguments): unknown[] => [locales ?? locale, ...options(given)];
  const front = new Proxy(native, {
    apply: (target, self, args: unknown[]) =>
      Reflect.apply(
        target,
        self,
        attempt(() => map(args), args),
      ),
    construct: (target, args: unknown[], made) =>
      Reflect.construct(
        target,
        attempt(() => map(args), args),
        made,
      ) as object,
  });
  stand(intl, name, front, native);
}

function inZone(options: unknown): unknown {
  const isZoned =
    typeof options === "object" && options !== null && Reflect.get(options, "timeZone") !== undefined;
  return isZoned ? options : { ...(options as object | undefined), timeZone: "UTC" };
}

function stand(owner: object, name: string, front: object, native: { readonly prototype: object }): void {
  disguiseAs(front, native);
  for (const [holder, key] of [
    [owner, name],
    [native.prototype, "constructor"],
  ] as const)
    Object.defineProperty(holder, key, {
      value: front,
      writable: true,
      configurable: true,
      enumerable: false,
    });
}
