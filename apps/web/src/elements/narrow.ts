import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Up to here there is one column: a phone. The styles say the same. */
const NARROW = "(max-width: 48rem)";

/** Renders an element again when the window becomes narrow, or wide again. */
export class Narrow implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #query = matchMedia(NARROW);

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get value(): boolean {
    return this.#query.matches;
  }

  hostConnected(): void {
    this.#query.addEventListener("change", this.#changed);
  }

  hostDisconnected(): void {
    this.#query.removeEventListener("change", this.#changed);
  }

  readonly #changed = (): void => {
    this.#host.requestUpdate();
  };
}
