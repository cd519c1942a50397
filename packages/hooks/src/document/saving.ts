import { prototypeOf, type HookContext } from "../context.ts";
import { attempt, getterOf, methodOf, type Getter } from "../wrap.ts";
import { LastingListeners } from "./lasting.ts";

/** All that Chromium tells of while a button comes up, which is when a link is followed. */
const POINTING = [
  ...["pointerup", "mouseup", "click", "auxclick", "dblclick", "gotpointercapture", "lostpointercapture"],
  ...["pointerover", "pointerenter", "pointerout", "pointerleave"],
  ...["mouseover", "mouseenter", "mouseout", "mouseleave"],
];
const KEYS = ["keydown", "keypress", "keyup"];

/**
 * With Alt held down Chromium saves what a link leads to, and asks for it past the service worker and `Connection-Allowlist`: if the person
 * clicks it or presses Enter, and if a script has it clicked meanwhile, wherever the link is. So a page hears of no such event while it is under
 * way. It gets a copy afterwards, when no key counts, and the link is followed.
 */
export function installSaving({ scope }: HookContext): void {
  const { window: own, KeyboardEvent, MouseEvent, PointerEvent } = scope;
  const taken = takerOf(scope);
  const ofMouse = brandedGetter(scope, "MouseEvent", "altKey");
  const ofKey = brandedGetter(scope, "KeyboardEvent", "altKey");
  const keyOf = brandedGetter(scope, "KeyboardEvent", "key");
  const isPointer = brandedGetter(scope, "PointerEvent", "pointerId");
  const listeners = new LastingListeners(scope);
  for (const type of POINTING)
    listeners.add(own, type, (event) => {
      if (event.isTrusted && ofMouse(event) === true)
        taken(event, isPointer(event) === undefined ? MouseEvent : PointerEvent);
    });
  for (const type of KEYS)
    listeners.add(own, type, (event) => {
      if (event.isTrusted && ofKey(event) === true && keyOf(event) === "Enter") taken(event, KeyboardEvent);
    });
}

type Kind = new (type: string, init: EventInit) => Event;

/** Ends an event, and has a copy of it dispatched where it was to go. */
function takerOf(scope: typeof globalThis): (event: Event, kind: Kind) => void {
  const events = prototypeOf(scope, "Event") ?? {};
  const prevent = methodOf(events, "preventDefault");
  const stop = methodOf(events, "stopImmediatePropagation");
  const path = methodOf(events, "composedPath");
  const dispatch = methodOf(scope.EventTarget.prototype, "dispatchEvent");
  const later = scope.setTimeout.bind(scope);
  return (event, kind) => {
    prevent(event);
    stop(event);
    const [target] = path(event) as readonly EventTarget[];
    const copy = new kind(event.type, event);
    later(() => dispatch(target, copy), 0);
  };
}

/** A getter that gives nothing for objects of other kinds; of what window an object is does not matter to natives. */
function brandedGetter(scope: typeof globalThis, interface_: string, name: string): Getter<unknown> {
  const get = getterOf(prototypeOf(scope, interface_) ?? {}, name);
  return (self) => attempt(() => get(self), undefined);
}
