import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Milliseconds between looks at who has the keyboard: while the app's window has not got it, no event tells. */
const LOOK_EVERY = 100;

const FIELDS = /^(?:text|search|url)$/;

/**
 * Holds the keyboard for the app's own fields. A page with scripts can take it at any moment (`window.focus`), and no header forbids it;
 * neither `inert` nor `hidden` frames keep Chromium from it. But the app hears of it at once, and as a shield lies over the pages meanwhile, no
 * person's click can have been the cause.
 */
export class KeyboardGuard implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #taken: (by: HTMLIFrameElement) => boolean;
  #field: HTMLInputElement | undefined;
  #selection: readonly [from: number, to: number] = [0, 0];
  #looking: ReturnType<typeof setInterval> | undefined;

  /** @param taken is told which frame has the keyboard of a field; if pages are to blame, takes that frame away, and says so. */
  constructor(host: ReactiveControllerHost & HTMLElement, taken: (by: HTMLIFrameElement) => boolean) {
    this.#host = host;
    this.#taken = taken;
    host.addController(this);
  }

  hostConnected(): void {
    this.#host.addEventListener("focusin", this.#came);
    this.#host.addEventListener("focusout", this.#went);
    addEventListener("blur", this.#look);
  }

  hostDisconnected(): void {
    this.#host.removeEventListener("focusin", this.#came);
    this.#host.removeEventListener("focusout", this.#went);
    removeEventListener("blur", this.#look);
    this.release();
  }

  /** Whether what is typed belongs to a field of the app. */
  get isTyping(): boolean {
    return this.#field !== undefined;
  }

  /** The person, or the app, gives the keyboard to something else. */
  release(): void {
    if (this.#field === undefined) return;
    this.#field = undefined;
    clearInterval(this.#looking);
    this.#host.requestUpdate();
  }

  readonly #came = (event: Event): void => {
    const [target] = event.composedPath();
    this.release();
    if (!(target instanceof HTMLInputElement) || !FIELDS.test(target.type)) return;
    this.#field = target;
    this.#looking = setInterval(this.#look, LOOK_EVERY);
    this.#host.requestUpdate();
  };

  readonly #went = (): void => {
    const field = this.#field;
    if (field === undefined) return;
    this.#selection = [field.selectionStart ?? 0, field.selectionEnd ?? 0];
    // Whoever has the focus now is known after this event; the window's own, by which a frame tells that it has it, comes at once.
    setTimeout(() => {
      if (field === this.#field && (field.getRootNode() as ShadowRoot).activeElement !== field)
        this.release();
    });
  };

  readonly #look = (): void => {
    const field = this.#field;
    const by = document.activeElement;
    if (field === undefined || !(by instanceof HTMLIFrameElement)) return;
    const [from, to] = this.#selection;
    if (!this.#taken(by)) return;
    // In a turn of its own: while a window hears that it has lost the focus, Chromium gives it to no other frame, and says it did.
    setTimeout(() => {
      window.focus();
      field.blur();
      field.focus();
      field.setSelectionRange(from, to);
    });
  };
}
