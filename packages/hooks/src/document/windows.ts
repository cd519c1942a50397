import type { HookContext } from "../context.ts";
import { prototypeOf } from "../context.ts";
import {
  attempt,
  getterOf,
  methodOf,
  ownMap,
  pinned,
  replaceAccessor,
  replaceMethod,
  text,
} from "../wrap.ts";

type PostMessage = (...args: unknown[]) => unknown;

/**
 * Windows of other origins within the page: frames, and what is around one. Their messages come from origins of the view, and are sent
 * to these; scripts speak of the sites'. Functions of such a window cannot be replaced, so that scripts get one that stands in front of it.
 */
export class OtherWindows {
  readonly #context: HookContext;
  /** Origins of the web by those of the view. */
  readonly #met = ownMap<string, string>();
  readonly #fronts = pinned(new WeakMap<object, object>());

  constructor(context: HookContext) {
    this.#context = context;
    for (const [view, origin] of context.addresses.config.met) this.#met.set(view, origin);
    context.engine.onNews((news) => {
      if (news.type === "met") this.#met.set(news.view, news.origin);
    });
  }

  install(): void {
    const { scope, addresses } = this.#context;
    const { isFrame } = addresses.config;
    this.#installEvents();
    this.#installMessages();
    for (const name of ["HTMLIFrameElement", "HTMLFrameElement", "HTMLObjectElement"])
      replaceAccessor(prototypeOf(scope, name), "contentWindow", { get: (value) => this.#inFront(value) });
    // The window around a tab's page is the app's, and nobody's of the site.
    replaceAccessor(scope, "parent", {
      get: (value) => (isReachable(value) ? value : isFrame ? this.#inFront(value) : scope),
    });
  }

  #installEvents(): void {
    const { scope, addresses } = this.#context;
    const event = prototypeOf(scope, "MessageEvent") ?? {};
    const originOf = getterOf(event, "origin");
    const sourceOf = getterOf(event, "source");
    const listen = methodOf(EventTarget.prototype, "addEventListener");
    const stop = methodOf(Event.prototype, "stopImmediatePropagation");
    const isForeign = (message: Event): boolean => {
      const origin = text(originOf(message));
      return sourceOf(message) !== null && origin !== addresses.viewOrigin && !this.#met.has(origin);
    };
    for (const type of ["message", "messageerror"])
      listen(scope, type, (message: Event) => {
        if (isForeign(message)) stop(message);
      });
    replaceAccessor(event, "origin", {
      get: (value) => (typeof value === "string" ? (this.#met.get(value) ?? value) : value),
    });
    replaceAccessor(event, "source", { get: (value) => this.#inFront(value) });
  }

  #installMessages(): void {
    replaceMethod(this.#context.scope, "postMessage", ({ args, native }) => native(this.#sent(args)));
  }

  /** With the origin that the message is for as the browser has it. */
  #sent([message, target, ...rest]: readonly unknown[]): readonly unknown[] {
    if (typeof target === "string") return [message, this.#inView(target), ...rest];
    if (typeof target !== "object" || target === null || !("targetOrigin" in target))
      return target === undefined ? [message] : [message, target, ...rest];
    return [message, { ...target, targetOrigin: this.#inView(target.targetOrigin) }, ...rest];
  }

  #inView(target: unknown): unknown {
    const { realOrigin, viewOrigin } = this.#context.addresses;
    const origin = typeof target === "string" ? attempt(() => new URL(target).origin, "") : "";
    if (origin === "") return target;
    if (origin === realOrigin) return viewOrigin;
    let found: unknown = target;
    this.#met.forEach((real, view) => {
      if (real === origin) found = view;
    });
    return found;
  }

  /** What scripts get of a window; those they reach into stay what they are. */
  #inFront(value: unknown): unknown {
    if (typeof value !== "object" || value === null || isReachable(value) || !isWindow(value)) return value;
    let front = this.#fronts.get(value);
    if (front === undefined) this.#fronts.set(value, (front = this.#front(value)));
    return front;
  }

  #front(behind: object): object {
    const post = (...args: unknown[]): unknown =>
      Reflect.apply(Reflect.get(behind, "postMessage") as PostMessage, behind, this.#sent(args));
    const { addresses, base } = this.#context;
    return new Proxy(behind, {
      get: (target, key) => (key === "postMessage" ? post : this.#inFront(Reflect.get(target, key, target))),
      set: (target, key, value) =>
        Reflect.set(
          target,
          key,
          key === "location" ? addresses.request(text(value), "frame", base()) : value,
          target,
        ),
    });
  }
}

function isReachable(window: unknown): boolean {
  return attempt(() => typeof (window as Window).document === "object", false);
}

/** Of other origins they give away little more (HTML §7.2.1.3). */
function isWindow(value: object): boolean {
  return attempt(() => "postMessage" in value && "closed" in value && "frames" in value, false);
}
