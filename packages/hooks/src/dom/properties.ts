import type { HookContext } from "../context.ts";
import { prototypeOf } from "../context.ts";
import { getterOf, mapReturned, pinned, replaceAccessor, text } from "../wrap.ts";
import type { Attributes } from "./attributes.ts";

/** Properties that set an attribute with an address, by interface; where names differ, both. */
const REFLECTED: readonly (readonly [interface_: string, ...properties: string[]])[] = [
  ["HTMLAnchorElement", "href", "ping", "download"],
  ["HTMLAreaElement", "href", "ping", "download"],
  ["HTMLBaseElement", "href"],
  ["HTMLBodyElement", "background"],
  ["HTMLButtonElement", "formAction"],
  ["HTMLEmbedElement", "src"],
  ["HTMLFormElement", "action"],
  ["HTMLFrameElement", "src"],
  ["HTMLIFrameElement", "src", "srcdoc", "sandbox"],
  ["HTMLImageElement", "src", "srcset", "lowsrc", "longDesc"],
  ["HTMLInputElement", "src", "formAction"],
  ["HTMLLinkElement", "href", "imageSrcset", "integrity", "rel", "as"],
  ["HTMLMediaElement", "src"],
  ["HTMLObjectElement", "data", "codeBase", "archive"],
  ["HTMLScriptElement", "src", "integrity"],
  ["HTMLSourceElement", "src", "srcset"],
  ["HTMLTrackElement", "src"],
  ["HTMLVideoElement", "poster"],
];

/** Addresses that scripts only read. */
const READ: readonly (readonly [interface_: string, property: string])[] = [
  ["HTMLImageElement", "currentSrc"],
  ["HTMLMediaElement", "currentSrc"],
  ["StyleSheet", "href"],
  ["CSSImportRule", "href"],
  ["PerformanceEntry", "name"],
  ["ErrorEvent", "filename"],
  ["Response", "url"],
  ["Request", "url"],
  ["EventSource", "url"],
  ["XMLHttpRequest", "responseURL"],
];

/** The parts of an address, as links have them (HTML §4.6.2, HTMLHyperlinkElementUtils). */
const PARTS = [
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;

export function installReadAddresses({ scope, addresses }: HookContext): void {
  for (const [interface_, property] of READ)
    replaceAccessor(prototypeOf(scope, interface_), property, { get: (value) => addresses.shown(value) });
}

/** What scripts set by properties is set as an attribute; what they read is what is meant, the site's own as `location` has it. */
export function installProperties({ scope, addresses }: HookContext, attributes: Attributes): void {
  const shown = (value: unknown): unknown =>
    typeof value === "string" && value.includes(" ") ? addresses.restored(value) : addresses.shown(value);
  for (const [interface_, ...properties] of REFLECTED) {
    for (const property of properties) {
      const name = property.toLowerCase();
      replaceAccessor(prototypeOf(scope, interface_), property, {
        checked: true,
        get: (value, self) => attributes.leftOut(self, name) ?? shown(value),
        set: (value, self) => {
          attributes.assign(self as Element, name, text(value));
          return false;
        },
      });
    }
  }
}

/** The parts of links' addresses, where these are minted. */
export function installParts({ scope, addresses }: HookContext, attributes: Attributes): void {
  for (const interface_ of ["HTMLAnchorElement", "HTMLAreaElement"]) {
    const owner = prototypeOf(scope, interface_) ?? {};
    const href = getterOf(owner, "href");
    // undefined: the browser has it as it is meant.
    const meant = (self: unknown): URL | undefined => {
      const inView = text(href(self));
      const real = text(addresses.shown(inView));
      return real === inView ? undefined : new URL(real);
    };
    replaceAccessor(owner, "origin", { get: (value, self) => meant(self)?.origin ?? value });
    for (const part of PARTS)
      replaceAccessor(owner, part, {
        checked: true,
        get: (value, self) => meant(self)?.[part] ?? value,
        set: (value, self) => {
          const url = meant(self);
          if (url === undefined) return { value };
          url[part] = text(value);
          attributes.assign(self as Element, "href", url.href);
          return false;
        },
      });
    mapReturned(owner, "toString", (value, self) => meant(self)?.href ?? value);
  }
}

/** `image.href.baseVal` of SVG: an object that knows its text alone, so that we remember whose it is. */
export function installReferences({ scope, addresses }: HookContext, attributes: Attributes): void {
  const owners = pinned(new WeakMap<object, Element>());
  for (const interface_ of REFERRING)
    replaceAccessor(prototypeOf(scope, interface_), "href", {
      get: (value, self) => {
        owners.set(value as object, self as Element);
        return value;
      },
    });
  replaceAccessor(prototypeOf(scope, "SVGAnimatedString"), "baseVal", {
    get: (value) => (typeof value === "string" ? addresses.restored(value) : value),
    set: (value, self) => {
      const owner = owners.get(self as object);
      if (owner === undefined) return { value };
      attributes.assign(owner, "href", text(value));
      return false;
    },
  });
}

const REFERRING = [
  "SVGAElement",
  "SVGImageElement",
  "SVGUseElement",
  "SVGScriptElement",
  "SVGFEImageElement",
];
