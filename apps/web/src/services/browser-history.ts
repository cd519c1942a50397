import type { Clock } from "@tabor/onion-core";

export interface Travellers {
  readonly canGoBack: () => boolean;
  readonly back: () => void;
  readonly forward: () => void;
}

/** Milliseconds after which the browser counts as having nothing before us, or the person as staying. */
const LEAVING = 1000;

type Place = "before" | "here" | "after";

/**
 * The browser's own Back and Forward (its buttons, a mouse's, a swipe) move through our tab's history: the browser's has
 * three entries of this page, of which it is always brought back to the middle one. Pages leave no entries in it
 * (`EngineEvent` "lead"). Where ours has nothing before, the browser's Back leaves the app, as anywhere.
 */
export class BrowserHistory {
  readonly #window: Window;
  readonly #travellers: Travellers;
  readonly #clock: Clock;
  /** To be done once we are in the middle again: a page that moves would keep the browser from bringing us there. */
  #then: () => void = () => undefined;

  constructor(window: Window, travellers: Travellers, clock: Clock) {
    this.#window = window;
    this.#travellers = travellers;
    this.#clock = clock;
    window.addEventListener("popstate", this.#moved);
    const { history } = window;
    const place = placeOf(history.state);
    if (place === "before") history.forward();
    else if (place === "after") history.back();
    else if (place === undefined) this.#begin();
  }

  /** The browser's Back skips entries that a page adds while nobody touches it: they count once somebody has. */
  #begin(): void {
    const { history } = this.#window;
    history.replaceState(stateOf("before"), "");
    history.pushState(stateOf("here"), "");
    history.pushState(stateOf("after"), "");
    history.back();
  }

  readonly #moved = ({ state }: PopStateEvent): void => {
    const { history } = this.#window;
    const place = placeOf(state);
    if (place === "before" && !this.#travellers.canGoBack()) this.#leave();
    else if (place === "before") {
      this.#then = this.#travellers.back;
      history.forward();
    } else if (place === "after") {
      this.#then = this.#travellers.forward;
      history.back();
    } else if (place === "here") {
      const then = this.#then;
      this.#then = () => undefined;
      then();
    } else this.#addressed();
  };

  /** The person has changed the address's fragment, or opened a link to this page: the browser has added an entry in place of "after". */
  #addressed(): void {
    const { history, location } = this.#window;
    history.replaceState(stateOf("after"), "", location.pathname + location.search);
    history.back();
  }

  #leave(): void {
    const { history } = this.#window;
    history.back();
    this.#clock.after(LEAVING, () => {
      if (placeOf(history.state) === "before") history.forward();
    });
  }
}

function stateOf(place: Place): { readonly tabor: Place } {
  return { tabor: place };
}

function placeOf(state: unknown): Place | undefined {
  const place = (state as { readonly tabor?: unknown } | null)?.tabor;
  return place === "before" || place === "here" || place === "after" ? place : undefined;
}
