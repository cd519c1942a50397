import { prototypeOf, type HookContext } from "../context.ts";
import { attempt, pinned, replaceAccessor } from "../wrap.ts";

/**
 * Frames without a document of a site (`about:blank`, `javascript:`, `document.open`) have the browser's own functions, which scripts reach
 * into: they are hooked when a script gets hold of them. Other documents have their own hooks.
 */
export function installFrames({ scope }: HookContext, install: (child: typeof globalThis) => void): void {
  const hooked = pinned(new WeakSet<object>());
  const visit = (value: unknown): void => {
    attempt(() => {
      const child = value as (Window & typeof globalThis) | null;
      if (child?.location.href !== "about:blank" || hooked.has(child.document)) return;
      hooked.add(child.document);
      install(child);
    }, undefined);
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
}
