import type { HookContext } from "../context.ts";
import { prototypeOf, valueOf } from "../context.ts";
import { mapArguments, mapConstruction, pinned, replaceAccessor, replaceMethod, text } from "../wrap.ts";
import type { PageMarkup } from "./page-markup.ts";

/** Styles that scripts set: CSSOM, and `FontFace`. */
export function installStyles({ scope }: HookContext, markup: PageMarkup): void {
  const css = (value: unknown): string => markup.css(text(value));
  const restored = (value: unknown): unknown => (typeof value === "string" ? markup.restored(value) : value);
  const first = (args: readonly unknown[]): readonly unknown[] => [css(args[0]), ...args.slice(1)];
  const second = (args: readonly unknown[]): readonly unknown[] => [args[0], css(args[1]), ...args.slice(2)];

  for (const [interface_, method] of RULE_METHODS)
    mapArguments(prototypeOf(scope, interface_), method, first);
  mapArguments(prototypeOf(scope, "CSSStyleSheet"), "addRule", second);
  for (const method of ["set", "append"])
    mapArguments(prototypeOf(scope, "StylePropertyMap"), method, ([name, ...values]) => [
      name,
      ...values.map((value) => (typeof value === "string" ? css(value) : value)),
    ]);
  for (const method of ["parse", "parseAll"])
    mapArguments(valueOf(scope, "CSSStyleValue") as object | undefined, method, second);
  replaceAccessor(prototypeOf(scope, "CSSRule"), "cssText", { get: restored });
  mapConstruction(scope, "FontFace", (args) =>
    typeof args[1] === "string" ? [args[0], source(args[1]), ...args.slice(2)] : args,
  );
  installAnimations(scope, css);
  installDeclarations();

  /** What stands behind `src:` in `@font-face`. */
  function source(value: string): string {
    const start = "@font-face{src:";
    return css(`${start}${value}`).slice(start.length);
  }

  /** Properties of a declaration are no accessors in Chromium, but the object's own: it takes a proxy to see them set. */
  function installDeclarations(): void {
    const fronts = pinned(new WeakMap<object, object>());
    const behind = pinned(new WeakMap<object, object>());
    const frontOf = (declaration: object): object => {
      let front = fronts.get(declaration);
      if (front === undefined) {
        front = new Proxy(declaration, {
          get: (target, key) => restored(Reflect.get(target, key, target)),
          set: (target, key, value: unknown) =>
            Reflect.set(target, key, typeof value === "string" ? css(value) : value, target),
        });
        fronts.set(declaration, front);
        behind.set(front, declaration);
      }
      return front;
    };
    for (const interface_ of STYLED)
      replaceAccessor(prototypeOf(scope, interface_), "style", {
        get: (value) => frontOf(value as object),
        set: (value) => ({ value: css(value) }),
      });
    const prototype = prototypeOf(scope, "CSSStyleDeclaration");
    for (const method of Object.getOwnPropertyNames(prototype ?? {}))
      replaceMethod(prototype, method, ({ self, args, native }) =>
        restored(
          native(
            method === "setProperty" && args.length > 1 ? second(args) : args,
            behind.get(self as object) ?? self,
          ),
        ),
      );
  }
}

function installAnimations(scope: HookContext["scope"], css: (value: unknown) => string): void {
  mapArguments(prototypeOf(scope, "Element"), "animate", ([frames, ...rest]) => [keyframes(frames), ...rest]);
  mapArguments(prototypeOf(scope, "KeyframeEffect"), "setKeyframes", ([frames]) => [keyframes(frames)]);
  mapConstruction(scope, "KeyframeEffect", ([target, frames, ...rest]) => [
    target,
    keyframes(frames),
    ...rest,
  ]);

  /** Web Animations §6.5.2: a list of frames, or of each property the values. */
  function keyframes(frames: unknown): unknown {
    if (typeof frames === "string") return css(frames);
    if (typeof frames !== "object" || frames === null) return frames;
    if (Symbol.iterator in frames) return [...(frames as Iterable<unknown>)].map(keyframes);
    return Object.fromEntries(Object.entries(frames).map(([name, value]) => [name, keyframes(value)]));
  }
}

const STYLED = [
  "HTMLElement",
  "SVGElement",
  "MathMLElement",
  "CSSStyleRule",
  "CSSFontFaceRule",
  "CSSPageRule",
  "CSSKeyframeRule",
];

const RULE_METHODS = [
  ["CSSStyleSheet", "insertRule"],
  ["CSSStyleSheet", "replace"],
  ["CSSStyleSheet", "replaceSync"],
  ["CSSGroupingRule", "insertRule"],
  ["CSSStyleRule", "insertRule"],
  ["CSSKeyframesRule", "appendRule"],
] as const;
