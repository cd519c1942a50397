import type { ReactiveController, ReactiveControllerHost } from "lit";
import { viewportIn } from "../../browsing/viewport.ts";

/** Gives the frames of pages a size in steps, within the room that there is in `.views`. */
export class RoomForViews implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #observer = new ResizeObserver((entries) => {
    for (const { contentRect, target } of entries) fit(target as HTMLElement, contentRect);
  });

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  hostUpdated(): void {
    const views = this.#host.shadowRoot?.querySelector(".views");
    if (views !== null && views !== undefined) this.#observer.observe(views);
  }

  hostDisconnected(): void {
    this.#observer.disconnect();
  }
}

function fit(views: HTMLElement, room: DOMRectReadOnly): void {
  const { width, height } = viewportIn({ width: Math.floor(room.width), height: Math.floor(room.height) });
  views.style.setProperty("--view-width", `${String(width)}px`);
  views.style.setProperty("--view-height", `${String(height)}px`);
}
