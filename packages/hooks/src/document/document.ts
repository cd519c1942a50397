import type { HookContext } from "../context.ts";
import { prototypeOf } from "../context.ts";
import { replaceAccessor, replaceValue, text } from "../wrap.ts";
import { afterSetting } from "./cookies.ts";

/**
 * What a document says of itself. `location` cannot be replaced (HTML, [LegacyUnforgeable]) and keeps the view's host; so do `baseURI` and
 * `origin`, as scripts compare these with it, or hand addresses made of them to `import()`, which passes by no hook.
 */
export function installDocument({ scope, addresses, engine }: HookContext): void {
  const { cookie, referrer } = addresses.config;
  const prototype = prototypeOf(scope, "Document");
  let shown = cookie;
  engine.onNews((news) => {
    if (news.type === "cookie") shown = news.cookie;
  });
  replaceAccessor(prototype, "cookie", {
    get: () => shown,
    set: (value) => {
      const set = text(value).slice(0, 4096);
      shown = afterSetting(shown, set, Date.now());
      engine.say({ type: "cookie", cookie: set });
      return false;
    },
  });
  for (const name of ["URL", "documentURI"])
    replaceAccessor(prototype, name, { get: (value) => addresses.toReal(text(value)) });
  replaceValue(prototype, "referrer", () => referrer);
  replaceAccessor(prototype, "domain", { get: () => new URL(addresses.config.url).hostname });
  installTitle();

  function installTitle(): void {
    let said: string | undefined;
    const look = (): void => {
      const title = scope.document.title.slice(0, 1000);
      if (title === said) return;
      said = title;
      engine.say({ type: "title", title });
    };
    const observer = new scope.MutationObserver(look);
    observer.observe(scope.document, { subtree: true, childList: true });
    // Once the head is there, only it is looked at: the rest changes often.
    scope.addEventListener("DOMContentLoaded", () => {
      observer.disconnect();
      const head = scope.document.querySelector("head");
      if (head !== null) observer.observe(head, { subtree: true, childList: true, characterData: true });
      look();
    });
  }
}
