import type { HookContext } from "../context.ts";
import { prototypeOf } from "../context.ts";
import { attempt, mapArguments, replaceMethod, text } from "../wrap.ts";
import { LastingListeners } from "./lasting.ts";

type Arguments = readonly unknown[];

/** Where the page goes: the engine hears of it, and what leads elsewhere is minted first. */
export class PageNavigation {
  readonly #context: HookContext;
  readonly #location: Location;
  readonly #later: (act: () => void) => void;

  constructor(context: HookContext) {
    this.#context = context;
    this.#location = context.scope.location;
    const later = context.scope.setTimeout.bind(context.scope);
    this.#later = (act) => later(act, 0);
  }

  install(): void {
    const { scope } = this.#context;
    for (const method of ["pushState", "replaceState"])
      mapArguments(prototypeOf(scope, "History"), method, ([state, unused, url]) =>
        url === undefined || url === null ? [state, unused] : [state, unused, this.#ownPath(text(url))],
      );
    replaceMethod(scope, "open", ({ args, native }) => this.#open(args, native));
    const listeners = new LastingListeners(scope);
    for (const type of ["click", "auxclick"])
      listeners.add(scope.window, type, (event) => {
        this.#onClick(event as MouseEvent);
      });
    listeners.add(scope.window, "submit", ({ target }) => {
      this.#settleTarget(target as HTMLFormElement);
    });
    const { navigation } = scope as { navigation?: EventTarget };
    if (navigation === undefined) return;
    listeners.add(navigation, "navigate", (event) => {
      this.#onNavigate(event as NavigateEvent);
    });
    listeners.add(navigation, "currententrychange", (event) => {
      this.#onEntry(event as NavigationCurrentEntryChangeEvent);
    });
  }

  /** A script sets `location`, which is the one thing that leads out and passes by no other hook. */
  #onNavigate(event: NavigateEvent): void {
    const { addresses, engine, base } = this.#context;
    const { destination, navigationType: kind, downloadRequest, hashChange } = event;
    if (destination.sameDocument || hashChange || downloadRequest !== null) return;
    const { origin, protocol } = new URL(destination.url);
    if (origin === addresses.viewOrigin) {
      engine.say({ type: "navigating", url: addresses.toReal(destination.url), kind });
    } else if (/^https?:$/.test(protocol) && event.cancelable && event.formData === null) {
      event.preventDefault();
      const address = addresses.request(destination.url, "document", base());
      // Once this navigation is over: one that is begun within would be cancelled with it.
      this.#later(() => {
        if (kind === "replace") this.#location.replace(address);
        else this.#location.assign(address);
      });
    }
  }

  #onEntry({ navigationType: kind }: NavigationCurrentEntryChangeEvent): void {
    const { addresses, engine } = this.#context;
    if (kind === null || kind === "reload") return;
    engine.say({ type: "location", url: addresses.toReal(this.#location.href), kind });
  }

  /** Another origin stays what it is, and the browser refuses it. */
  #ownPath(url: string): string {
    const { addresses, base } = this.#context;
    if (!URL.canParse(url, base())) return url;
    const { origin, pathname, search, hash } = new URL(url, base());
    return origin === addresses.realOrigin ? addresses.viewOrigin + pathname + search + hash : url;
  }

  /** There is no other window that a script could reach into: it gets what it would from a browser that blocks it. */
  #open([url, target]: Arguments, native: (args?: Arguments) => unknown): unknown {
    const { addresses, base } = this.#context;
    const written = url === undefined ? "" : text(url);
    const name = target === undefined ? "_blank" : text(target);
    const address = written === "" ? "about:blank" : addresses.request(written, "document", base());
    if (this.#opensWindow(name)) return this.#openWindow(address);
    return native([address, this.#inPage(name)]);
  }

  #openWindow(inView: string): null {
    const { scope, addresses, engine, base } = this.#context;
    const activated = attempt(() => scope.navigator.userActivation.isActive, false);
    const real = attempt(() => addresses.toReal(new URL(inView, base()).href), "");
    if (/^https?:/.test(real)) engine.say({ type: "open", url: real, activated });
    return null;
  }

  #onClick(event: MouseEvent): void {
    const { button, ctrlKey, metaKey, shiftKey } = event;
    const link = event.composedPath().find(isLink);
    if (link === undefined || button > 1) return;
    this.#settleTarget(link);
    const wantsTab = button === 1 || ctrlKey || metaKey || shiftKey;
    if (!wantsTab && !this.#opensWindow(this.#targetOf(link))) return;
    // After all listeners, if none of them prevented it.
    this.#later(() => {
      if (!event.defaultPrevented) this.#openWindow(link.href);
    });
  }

  /** Above the page is the app; sites mean their own uppermost document. A form's answer comes where the form is. */
  #settleTarget(element: HTMLElement & { target: string }): void {
    const target = this.#targetOf(element);
    const settled = this.#inPage(target);
    if (settled !== target) element.target = settled;
    else if ("action" in element && this.#opensWindow(target)) element.target = "_self";
  }

  #targetOf(element: { readonly target: string }): string {
    const { document } = this.#context.scope;
    return element.target || (document.querySelector<HTMLBaseElement>("base[target]")?.target ?? "");
  }

  #inPage(target: string): string {
    return /^_(?:top|parent)$/i.test(target) && this.#isUppermost() ? "_self" : target;
  }

  /** The window above is the app's. */
  #isUppermost(): boolean {
    const { scope, addresses } = this.#context;
    return !addresses.config.isFrame && attempt(() => scope.parent.document === scope.document, true);
  }

  /** No frame may send the page around it anywhere: a tab of its own is as far out as that leads. */
  #leavesPage(name: string): boolean {
    const { scope, addresses } = this.#context;
    const isWithin = attempt(() => scope.parent.document !== scope.document, false);
    return addresses.config.isFrame && (name.toLowerCase() === "_top" || !isWithin);
  }

  /** Whether a browsing context of this name would be a new one. */
  #opensWindow(name: string): boolean {
    if (/^_(?:top|parent)$/i.test(name)) return this.#leavesPage(name);
    if (name === "" || name.toLowerCase() === "_self") return false;
    const { document } = this.#context.scope;
    const named = `[name=${JSON.stringify(name)}]`;
    return name.toLowerCase() === "_blank" || attempt(() => document.querySelector(named) === null, true);
  }
}

function isLink(target: EventTarget): target is HTMLAnchorElement {
  return attempt(() => {
    const { localName, href } = target as HTMLAnchorElement;
    return /^(?:a|area)$/.test(localName) && typeof href === "string" && href !== "";
  }, false);
}
