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
import { LastingListeners } from "./lasting.ts";

/**
 * Frames without a document of a site (`about:blank`, `javascript:`, `document.open`) have the browser's own functions, which scripts reach
 * into: they are hooked as soon as they are there. So are those that a page made (`blob:`), once they have come. Other documents have their own hooks.
 */
export function installFrames({ scope }: HookContext, install: (child: typeof globalThis) => void): void {
  const hooked = pinned(new WeakSet<object>());
  const lengthOf = getterOf(scope, "length") as Getter<number>;
  const visit = (value: unknown): void => {
    attempt(() => {
      const child = value as (Window & typeof globalThis) | null;
      if (child === null || !isOfPage(child.location) || hooked.has(child.document)) return;
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

function isOfPage({ href, protocol }: Location): boolean {
  return href === "about:blank" || protocol === "blob:";
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
  // A frame tells of its first document while it is inserted, and of others once they have come.
  new LastingListeners(scope).add(scope.document, "load", look);
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

/**
 * Frames without an origin are nobody's to reach into: what happens there no hook hears of. The rewriter makes none, and a page that makes one past
 * all hooks has it made anew, before it shows anything.
 */
export function installSandboxes({ scope }: HookContext, settle: (frame: Element) => void): void {
  const { document } = scope;
  const frames = document.getElementsByTagName("iframe");
  const each = methodOf(scope.Array.prototype, "forEach");
  const observer = new scope.MutationObserver(() => {
    if (frames.length > 0) each(frames, settle);
  });
  const attributeFilter = ["sandbox", "srcdoc"];
  observer.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter });
}
