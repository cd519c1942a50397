import type { Cancel, Clock } from "@tabor/onion-core";
import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Renders an element again each second while it has something to count. */
export class Ticking implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #cancel: Cancel | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** Goes on for as long as each rendering calls this with a clock. */
  run(clock: Clock | undefined): void {
    this.#cancel?.();
    this.#cancel = clock?.after(1000, () => {
      this.#host.requestUpdate();
    });
  }

  hostDisconnected(): void {
    this.run(undefined);
  }
}
