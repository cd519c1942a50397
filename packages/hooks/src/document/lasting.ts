import { attempt, methodOf } from "../wrap.ts";

type Listener = (event: Event) => void;
type Listening = readonly [target: EventTarget, type: string, listener: Listener];

/**
 * Listens before the page's scripts can, while an event is on its way down, and still does after `document.open`, which takes all listeners
 * from a document and its window.
 */
export class LastingListeners {
  readonly #all: Listening[] = [];
  readonly #add = methodOf(EventTarget.prototype, "addEventListener");

  constructor(scope: typeof globalThis) {
    const observer = new scope.MutationObserver(() => {
      // What is still there is not added twice.
      for (const one of this.#all) this.#listen(one);
    });
    observer.observe(scope.document, { childList: true });
  }

  add(target: EventTarget, type: string, listener: Listener): void {
    const careful: Listener = (event) => {
      attempt(() => {
        listener(event);
      }, undefined);
    };
    const one: Listening = [target, type, careful];
    this.#all.push(one);
    this.#listen(one);
  }

  #listen([target, type, listener]: Listening): void {
    this.#add(target, type, listener, { capture: true });
  }
}
