import type { HookContext } from "../context.ts";
import { prototypeOf, valueOf } from "../context.ts";
import {
  attempt,
  disguiseAs,
  getterOf,
  methodOf,
  pinned,
  replaceAccessor,
  replaceMethod,
  setterOf,
  type Getter,
} from "../wrap.ts";

/**
 * Frames without a document of a site (`about:blank`, `javascript:`, `document.open`) have the browser's own functions, which scripts reach
 * into: they are hooked as soon as they are there. Other documents have their own hooks.
 */
export function installFrames({ scope }: HookContext, install: (child: typeof globalThis) => void): void {
  const hooked = pinned(new WeakSet<object>());
  const lengthOf = getterOf(scope, "length") as Getter<number>;
  const visit = (value: unknown): void => {
    attempt(() => {
      const child = value as (Window & typeof globalThis) | null;
      if (child?.location.href !== "about:blank" || hooked.has(child.document)) return;
      hooked.add(child.document);
      askByThePage(child, scope);
      install(child);
    }, undefined);
  };
  const visitAll = (): void => {
    const length = lengthOf(scope);
    for (let index = 0; index < length; index++) visit(Reflect.get(scope, index));
  };
  for (const name of ["HTMLIFrameElement", "HTMLFrameElement", "HTMLObjectElement"]) {
    replaceAccessor(prototypeOf(scope, name), "contentWindow", {
      get: (value) => {
        visit(value);
        return value;
      },
    });
    replaceAccessor(prototypeOf(scope, name), "contentDocument", {
      get: (value) => {
        visit((value as Document | null)?.defaultView ?? null);
        return value;
      },
    });
  }
  afterInserting(scope, visitAll);
}

/** By whatever a frame comes into the document: scripts may then find it among the window's own properties. */
function afterInserting(scope: typeof globalThis, look: () => void): void {
  for (const [interface_, methods] of INSERTING)
    for (const method of methods)
      replaceMethod(prototypeOf(scope, interface_), method, ({ native }) => {
        const returned = native();
        look();
        return returned;
      });
  for (const [interface_, property] of [
    ["Element", "innerHTML"],
    ["Element", "outerHTML"],
    ["ShadowRoot", "innerHTML"],
  ] as const) {
    const owner = prototypeOf(scope, interface_) ?? {};
    const set = setterOf(owner, property);
    replaceAccessor(owner, property, {
      set: (value, self) => {
        set(self, value);
        look();
        return false;
      },
    });
  }
  // What the parser puts there, before the script that comes next.
  const observer = new scope.MutationObserver(look);
  observer.observe(scope.document, { subtree: true, childList: true });
}

const INSERTING = [
  ["Node", ["appendChild", "insertBefore", "replaceChild"]],
  ["Element", ["append", "prepend", "before", "after", "replaceWith", "replaceChildren", "moveBefore"]],
  ["Element", ["insertAdjacentElement", "insertAdjacentHTML", "setHTMLUnsafe"]],
  ["CharacterData", ["before", "after", "replaceWith"]],
  ["Document", ["append", "prepend", "replaceChildren", "write", "writeln"]],
  ["Range", ["insertNode", "surroundContents"]],
] as const;

/** No service worker answers what such a frame asks for: the page's own does it. */
function askByThePage(child: typeof globalThis, scope: typeof globalThis): void {
  const ours = methodOf(scope, "fetch");
  replaceMethod(child, "fetch", ({ args }) => ours(scope, ...args));
  for (const name of ["XMLHttpRequest", "EventSource"]) {
    const [own, natives] = [valueOf(scope, name), valueOf(child, name)];
    if (typeof own !== "function" || typeof natives !== "function") continue;
    disguiseAs(own, natives);
    Object.defineProperty(child, name, { value: own, writable: true, configurable: true });
  }
}
