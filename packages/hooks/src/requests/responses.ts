import type { HookContext } from "../context.ts";
import { holderOf, prototypeOf } from "../context.ts";
import {
  attempt,
  getterOf,
  mapReturned,
  pinned,
  replaceAccessor,
  replaceMethod,
  text,
  type Getter,
} from "../wrap.ts";

/**
 * What scripts are told of a response beside what is in it. To the browser all are of the page's own origin, and made by a service worker;
 * what they are by the Fetch standard (§2.2.6) is seen by whose address was asked.
 */
export function installResponses({ scope, addresses, base }: HookContext): void {
  const response = prototypeOf(scope, "Response") ?? {};
  const request = prototypeOf(scope, "Request") ?? {};
  const urlOf = getterOf(response, "url") as Getter<string>;
  const modeOf = getterOf(request, "mode") as Getter<string>;
  const askedOf = getterOf(request, "url") as Getter<string>;
  const opaque = pinned(new WeakSet<object>());

  const isElsewhere = (inView: string): boolean =>
    new URL(addresses.toReal(inView), addresses.viewOrigin).origin !== addresses.realOrigin;

  const isRequest = (value: unknown): value is Request =>
    typeof value === "object" && value !== null && request.isPrototypeOf(value);

  /** Whether nothing but that there was an answer is to be seen of it. */
  const isOpaque = ([input, init]: readonly unknown[]): boolean => {
    const mode = (init as RequestInit | undefined)?.mode ?? (isRequest(input) ? modeOf(input) : "cors");
    if (mode !== "no-cors") return false;
    return isElsewhere(isRequest(input) ? askedOf(input) : addresses.request(text(input), "fetch", base()));
  };

  replaceMethod(holderOf(scope, "fetch"), "fetch", ({ args, native }) => {
    const mayBeOpaque = attempt(() => isOpaque(args), false);
    const answered = native();
    if (!mayBeOpaque) return answered;
    return (answered as Promise<object>).then((answer) => {
      opaque.add(answer);
      return answer;
    });
  });
  const hidden: readonly (readonly [name: string, value: unknown])[] = [
    ["status", 0],
    ["ok", false],
    ["statusText", ""],
    ["url", ""],
    ["redirected", false],
    ["body", null],
  ];
  for (const [name, value] of hidden)
    replaceAccessor(response, name, {
      get: (native, self) => (opaque.has(self as object) ? value : native),
    });
  replaceAccessor(response, "type", {
    get: (native, self) => {
      if (opaque.has(self as object)) return "opaque";
      const url = urlOf(self);
      if (native !== "default" || url === "") return native;
      return isElsewhere(url) ? "cors" : "basic";
    },
  });
  mapReturned(response, "clone", (copy, self) => {
    if (opaque.has(self as object)) opaque.add(copy as object);
    return copy;
  });
}
