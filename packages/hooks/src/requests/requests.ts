import type { PageUse } from "@tabor/browsing/page";
import type { HookContext } from "../context.ts";
import { holderOf, prototypeOf } from "../context.ts";
import { mapArguments, mapConstruction, text } from "../wrap.ts";

type Arguments = readonly unknown[];

/**
 * What scripts ask for themselves. The engine does the rest by the Fetch standard, from what the service worker sees of the request: mode,
 * credentials, method, fields.
 */
export function installRequests({ scope, addresses, base }: HookContext): void {
  const request = prototypeOf(scope, "Request");
  const minted = (value: unknown, use: PageUse): string => addresses.request(text(value), use, base());
  const first = (use: PageUse) => (args: Arguments) => [minted(args[0], use), ...args.slice(1)];
  /** A `Request` was minted when it was made. */
  const input = (args: Arguments): Arguments => (isInstance(args[0], request) ? args : first("fetch")(args));

  mapArguments(holderOf(scope, "fetch"), "fetch", input);
  mapConstruction(scope, "Request", input);
  mapArguments(prototypeOf(scope, "XMLHttpRequest"), "open", (args) => [
    args[0],
    minted(args[1], "fetch"),
    ...args.slice(2),
  ]);
  mapConstruction(scope, "EventSource", first("fetch"));
  mapArguments(prototypeOf(scope, "Navigator"), "sendBeacon", first("fetch"));
  mapConstruction(scope, "Audio", (args) => (args.length === 0 ? args : first("media")(args)));
  mapArguments(prototypeOf(scope, "Worklet"), "addModule", first("script"));
  mapArguments(holderOf(scope, "importScripts"), "importScripts", (args) =>
    args.map((arg) => minted(arg, "script")),
  );
  for (const method of ["add", "put", "match", "matchAll", "delete", "keys"])
    mapArguments(prototypeOf(scope, "Cache"), method, (args) => (args.length === 0 ? args : input(args)));
  mapArguments(prototypeOf(scope, "Cache"), "addAll", ([list]) => [
    [...(list as Iterable<unknown>)].map((one) => input([one])[0]),
  ]);
  mapArguments(prototypeOf(scope, "CacheStorage"), "match", input);
}

function isInstance(value: unknown, prototype: object | undefined): boolean {
  return typeof value === "object" && value !== null && prototype?.isPrototypeOf(value) === true;
}
